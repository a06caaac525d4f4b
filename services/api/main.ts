import { register } from 'prom-client';
import { followApuracoes } from '#platform/apuracoes.ts';
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
import { Readiness } from '#platform/readiness.ts';
import { connectRedis, toRetryable } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { endsWithin } from '#platform/stopping.ts';
import { criaApi } from './app.ts';
import type { Dependencias } from './contexto.ts';
import { AoVivo } from './painel/ao-vivo.ts';
import { IndiceSeguido } from './painel/indice/segue.ts';
import { ContaMinutos } from './painel/minutos.ts';
import { VisaoDaOperacao } from './painel/operacao.ts';
import { leEnderecos } from './painel/servicos.ts';
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

/** Reads what waits from the start, whoever asks. @returns what stops it */
function segueIndice(indice: IndiceSeguido, avisa: (error: unknown) => void): () => Promise<void> {
  const parado = new AbortController();
  const seguindo = indice.segue(parado.signal, avisa);
  return async () => {
    parado.abort();
    await endsWithin(FIM_DO_INDICE_MS, seguindo);
  };
}

/** Redis, the portfolio and the rulebooks → HTTP; what writes goes on to ingest. */
async function start({ config, log, onStop }: ServiceContext): Promise<void> {
  const chaveOperacao = resolveChaveOperacao();
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  let dependencias: Dependencias | null = null;
  const ingestUrl = process.env.INGEST_URL || INGEST_PADRAO;
  const porta = process.env.PORT ? config.port : PORTA_PADRAO;
  const tls = leTls(config.tls);
  const aqui = tls === null ? { api: `http://127.0.0.1:${porta}` } : {};
  const enderecos = leEnderecos(process.env.ATENDIDO_SERVICOS, { ingest: ingestUrl, ...aqui });
  const app = await criaApi({
    ...{ log, readiness, metricas: register, tls, ingestUrl },
    dependencias: () => dependencias,
    chaveDasSessoes: chaveDasSessoes(chaveOperacao),
  });
  // The configuration's own default is ingest's port.
  await app.listen({ host: config.host, port: porta });
  const redis = connectRedis(config.redisUrl, 'api');
  redis.on('error', (err: Error) => log.debug({ err }, 'Redis'));
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-api', log });
  const registry = connectRegistry(config.registryUrl);
  const admin = await readiness.until('kafka', () => kafka.admin());
  onStop('admin', () => admin.close());
  const particoes = await readiness.until('kafka', () => admin.partitionCount('lancamentos'));
  const seguidas = await readiness.until('apurações', () => followApuracoes(kafka, registry));
  onStop('apurações', () => seguidas.stop());
  const { apuracoes, esquecimentos } = seguidas;
  const nomes = new Nomes(config, esquecimentos.trocas);
  nomes.confere();
  const leitor = leitorDeEstado(redis, { particoes, emVigor: () => apuracoes.emVigor });
  onStop('redis', () => leitor.close());
  // Here, and not in those that fall behind: who has died tells nothing, and that is when somebody looks.
  const atraso = new LagMonitor({ kafka, admin, leitor });
  measureLag(atraso, register);
  onStop(
    'atraso',
    watchLag(atraso, (causas) => log.warn({ causas: causas.map(String) }, 'atraso desconhecido')),
  );
  const credenciais = await readiness.until('credenciais', () => followCredenciais(kafka, chaveOperacao, log));
  onStop('credenciais', () => credenciais.stop());
  const portfolio = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => portfolio.stop());
  const perguntas = {
    kafka: () => credenciais.caughtUp(),
    apurações: async () => {
      await seguidas.caughtUp();
      nomes.confere();
    },
    redis: () => toRetryable(redis.ping()),
  };
  onStop('vigia', vigia(readiness, perguntas));
  const lidas = await readiness.until('registro', () => lidasDaQuarentena(registry, kafka));
  const avisa = (err: unknown): void => log.error({ err }, 'o painel não conseguiu olhar');
  const indice = new IndiceSeguido({ kafka, admin, ...lidas, apuracoes });
  onStop('índice da quarentena', segueIndice(indice, avisa));
  // Stopped first: what is under way still needs the rest.
  onStop('http', () => app.close());
  const minutos = new ContaMinutos({ kafka, admin });
  const operacao = new VisaoDaOperacao({
    ...{ atraso, apuracoes, enderecos },
    apuracaoServida: () => leitor.apuracao(),
    servidores: {
      Kafka: () => admin.partitionCount('interacoes'),
      'registro de esquemas': () => responde(`${config.registryUrl}/subjects`),
      Redis: () => redis.ping(),
    },
  });
  const painel = {
    minutos: new AoVivo(OLHADA_MS, () => minutos.conta(), avisa),
    operacao: new AoVivo(OLHADA_MS, () => operacao.olha(), avisa),
  };
  const { procura: pseudonimo, registra } = nomes;
  const { resolucoes } = lidas;
  const haAlgoDe = async (id: string): Promise<boolean> => (await leitor.cliente(id)) !== null;
  const esquece: Dependencias['esquece'] = (titular, quem) =>
    pedeEsquecimento({ kafka, admin, seguidas, resolucoes, redis }, { titular, quem, haAlgoDe });
  dependencias = {
    ...{ credenciais, leitor, portfolio, apuracoes, pseudonimo, registra, painel, esquecimentos, esquece },
    quarentena: { kafka, admin, ...lidas, indice, apuracoes, seguidas, portfolio: portfolio.portfolio },
  };
  readiness.set('partida', null);
}

await runService('api', start);
