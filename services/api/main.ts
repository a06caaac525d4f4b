import { register } from 'prom-client';
import { followApuracoes, TOPICO_DAS_APURACOES } from '#platform/apuracoes.ts';
import { exigeAChaveEmUso } from '#platform/chave-em-uso.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { followCredenciais } from '#platform/credenciais/tabela.ts';
import { pedeEsquecimento } from '#platform/esquecimento/pedido.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { leTls } from '#platform/http/tls.ts';
import { vigia } from '#platform/http/vigia.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { LagMonitor, watchLag } from '#platform/lag/monitor.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { measureLag } from '#platform/metrics/atraso.ts';
import { Nomes } from '#platform/nomes.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { lidasDaQuarentena } from '#platform/quarentena/lidas.ts';
import { estaNaQuarentena } from '#platform/quarentena/procura.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRedis } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { endsWithin } from '#platform/stopping.ts';
import { criaApi, type OpcoesDaApi } from './app.ts';
import type { Dependencias } from './contexto.ts';
import { AoVivo } from './painel/ao-vivo.ts';
import { IndiceSeguido } from './painel/indice/segue.ts';
import { leEnderecos } from './painel/instancias.ts';
import { ContaMinutos } from './painel/minutos.ts';
import { type PartesDaOperacao, VisaoDaOperacao } from './painel/operacao.ts';
import { chaveDasSessoes } from './painel/sessao.ts';

const PORTA_PADRAO = 18_090;
const INGEST_PADRAO = 'http://127.0.0.1:18080';

/** How often what the panel watches is looked at. */
const OLHADA_MS = 2_000;
/** So long a reading under way is waited for at the end. */
const FIM_DO_INDICE_MS = 1_000;

/** @throws Error it does not answer well */
async function responde(endereco: string): Promise<void> {
  const resposta = await fetch(endereco, { signal: AbortSignal.timeout(OLHADA_MS) });
  await resposta.body?.cancel();
  if (!resposta.ok) throw new Error(`respondeu ${resposta.status}`);
}

/** The servers that the api stands on, each waited for, and what it reads and follows of them. */
async function conecta({ config, log, fatal, onStop }: ServiceContext, readiness: Readiness) {
  const redis = connectRedis(config.redis, 'api', fatal);
  redis.on('error', (err: Error) => log.debug({ err }, 'Redis'));
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-api', log });
  const registry = connectRegistry(config.registryUrl);
  const admin = await readiness.until('kafka', () => kafka.admin());
  onStop('admin', () => admin.close());
  const particoes = await readiness.until('kafka', () => admin.partitionCount('lancamentos'));
  const seguidas = await readiness.until('apurações', () => followApuracoes(kafka, registry));
  onStop('apurações', () => seguidas.stop());
  const nomes = new Nomes(config, seguidas.esquecimentos.trocas);
  await readiness.until('chave', () => exigeAChaveEmUso({ kafka, admin, seguidas }, nomes));
  const leitor = leitorDeEstado(redis, { particoes, emVigor: () => seguidas.apuracoes.emVigor });
  onStop('redis', () => leitor.close());
  return { redis, kafka, registry, admin, seguidas, nomes, leitor };
}

type Servidores = Awaited<ReturnType<typeof conecta>>;

/** Reads what waits from the start, whoever asks. @returns what stops it */
function segueIndice(indice: IndiceSeguido, avisa: (error: unknown) => void): () => Promise<void> {
  const parado = new AbortController();
  const seguindo = indice.segue(parado.signal, avisa);
  return async () => {
    parado.abort();
    await endsWithin(FIM_DO_INDICE_MS, seguindo);
  };
}

type Lidas = Awaited<ReturnType<typeof lidasDaQuarentena>>;

/** Takes an order to forget somebody, by whatever name anything of theirs may be kept. */
function quemEsquece(
  { redis, kafka, admin, seguidas, nomes, leitor }: Servidores,
  lidas: Lidas,
): Dependencias['esquece'] {
  return (cpf, quem) => {
    const todos = nomes.todos(cpf);
    const haAlgoDe = async (id: string): Promise<boolean> =>
      (await leitor.cliente(id)) !== null || estaNaQuarentena({ kafka, ...lidas, seguidas }, todos);
    const partes = { kafka, admin, seguidas, resolucoes: lidas.resolucoes, redis };
    return pedeEsquecimento(partes, { titular: todos[0], quem, haAlgoDe });
  };
}

/** What those who look at the panel watch live. */
function painelDe(
  { kafka, admin, seguidas, leitor }: Servidores,
  {
    config,
    avisa,
    atraso,
    enderecos,
  }: Pick<ServiceContext, 'config'> & { avisa: (error: unknown) => void } & Pick<
      PartesDaOperacao,
      'atraso' | 'enderecos'
    >,
): NonNullable<Dependencias['painel']> {
  const minutos = new ContaMinutos({ kafka, admin });
  const operacao = new VisaoDaOperacao({
    ...{ atraso, apuracoes: seguidas.apuracoes, enderecos },
    apuracaoServida: () => leitor.apuracao(),
    servidores: {
      Kafka: () => admin.partitionCount('interacoes'),
      'registro de esquemas': () => responde(`${config.registryUrl}/subjects`),
      Redis: () => leitor.posicoes(),
    },
  });
  return {
    minutos: new AoVivo(OLHADA_MS, () => minutos.conta(), avisa),
    operacao: new AoVivo(OLHADA_MS, () => operacao.olha(), avisa),
  };
}

/** The door, open before the servers are there: it says what is waited for. */
async function abre(
  { config, log }: ServiceContext,
  opcoes: Pick<OpcoesDaApi, 'readiness' | 'dependencias' | 'chaveDasSessoes'>,
) {
  const ingestUrl = process.env.INGEST_URL || INGEST_PADRAO;
  // The configuration's own default is ingest's port.
  const porta = process.env.PORT ? config.port : PORTA_PADRAO;
  const tls = leTls(config.tls);
  const aqui = tls === null ? { api: [`http://127.0.0.1:${porta}`] } : {};
  const enderecos = leEnderecos(process.env.ATENDIDO_SERVICOS, { ingest: [ingestUrl], ...aqui });
  const app = await criaApi({ ...opcoes, log, metricas: register, tls, proxies: config.proxies, ingestUrl });
  await app.listen({ host: config.host, port: porta });
  return { app, enderecos };
}

/** Redis, the portfolio and the rulebooks → HTTP; what writes goes on to ingest. */
async function start(service: ServiceContext): Promise<void> {
  const { config, log, onStop } = service;
  const chaveOperacao = resolveChaveOperacao();
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  let dependencias: Dependencias | null = null;
  const door = { readiness, dependencias: () => dependencias, chaveDasSessoes: chaveDasSessoes(chaveOperacao) };
  const { app, enderecos } = await abre(service, door);
  const servidores = await conecta(service, readiness);
  const { kafka, registry, admin, seguidas, nomes, leitor } = servidores;
  const { apuracoes, esquecimentos } = seguidas;
  // Here, and not in those that fall behind: who has died tells nothing, and that is when somebody looks.
  const atraso = new LagMonitor({ kafka, admin, leitor });
  measureLag(atraso, register);
  const naoSabe = (causas: readonly unknown[]): void => log.warn({ causas: causas.map(String) }, 'atraso desconhecido');
  onStop('atraso', watchLag(atraso, naoSabe));
  const credenciais = await readiness.until('credenciais', () => followCredenciais(kafka, chaveOperacao, log));
  onStop('credenciais', () => credenciais.stop());
  const portfolio = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => portfolio.stop());
  const perguntas = {
    credenciais: () => credenciais.caughtUp(),
    apurações: async () => {
      await seguidas.caughtUp();
      nomes.confere();
    },
  };
  const sinais = {
    kafka: () => admin.ends(TOPICO_DAS_APURACOES),
    // Every shard: in a Cluster any node answers a PING, also beside one that is away.
    redis: () => leitor.posicoes(),
  };
  onStop('vigia', vigia(readiness, { perguntas, sinais }));
  const lidas = await readiness.until('registro', () => lidasDaQuarentena(registry, kafka));
  const avisa = (err: unknown): void => log.error({ err }, 'o painel não conseguiu olhar');
  const indice = new IndiceSeguido({ kafka, admin, ...lidas, apuracoes });
  onStop('índice da quarentena', segueIndice(indice, avisa));
  const fim = new AbortController();
  // Stopped first: what is under way still needs the rest, and is waited for; a replay of very many ends where it is.
  onStop('http', () => {
    fim.abort();
    return app.close();
  });
  const { procura: pseudonimo, registra } = nomes;
  const esquece = quemEsquece(servidores, lidas);
  const painel = painelDe(servidores, { config, avisa, atraso, enderecos });
  dependencias = {
    ...{ credenciais, leitor, portfolio, apuracoes, pseudonimo, registra, painel, esquecimentos, esquece },
    quarentena: {
      ...{ kafka, admin, ...lidas, indice, apuracoes, seguidas, portfolio: portfolio.portfolio },
      sinal: fim.signal,
    },
  };
  readiness.set('partida', null);
}

await runService('api', start);
