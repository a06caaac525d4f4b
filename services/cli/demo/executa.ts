import { randomBytes } from 'node:crypto';
import { entregas } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { esperaALinha, posicoesDaLinha } from '#platform/linha.ts';
import { connectRegistry } from '#platform/registry.ts';
import { transporteKafka } from '#producer/index.ts';
import { type Auditoria, audita } from '../auditoria.ts';
import { type Conexoes, conectado } from '../conexoes.ts';
import { duracao, numero } from '../formato.ts';
import { abreProgresso } from '../progresso.ts';
import { Operacao, SONDA } from './acesso.ts';
import { clientesDaDemo } from './clientes.ts';
import { type Envio, enviaTudo, escreveSemPorta } from './envio.ts';
import { geraEventos } from './gerador.ts';
import type { Portas } from './pilha.ts';
import { contaQuarentena, type Resultados, resultadosDe } from './resultados.ts';
import { type Latencia, Sondas } from './sondas.ts';

export interface OpcoesDaDemo {
  eventos: number;
  semente: number;
}

export interface ResultadoDaDemo {
  eventos: number;
  semente: number;
  execucao: string;
  envio: Envio;
  /** Records of a system that goes by no door. */
  semPorta: number;
  sondas: number;
  /** Seconds from the first event sent until all had passed the whole line. */
  segundosAteOFim: number;
  eventosPorSegundo: number;
  latencia: { emDia: Latencia | null; naCarga: Latencia | null };
  resultados: Resultados;
  auditoria: Auditoria;
  api: string;
  /** Id of a client with many deliveries, to look at. */
  clienteDeExemplo: string | null;
}

const SONDAS_EM_DIA = 100;
const OLHA_A_LINHA_MS = 1_000;
const SEM_PROGRESSO_MS = 60_000;

/** How many records the line has still to read, as a text; looked up now and then, for it costs the servers a call. */
function filaDaLinha(conexoes: Conexoes): () => string {
  let texto = '';
  let olhada = 0;
  const olha = async (): Promise<void> => {
    const posicoes = await posicoesDaLinha(conexoes);
    const falta = (grupo: string): number =>
      posicoes.filter((p) => p.grupo === grupo).reduce((n, p) => n + Math.max(0, p.fim - (p.posicao ?? 0)), 0);
    texto = `a classificar ${numero(falta('atendido-classifier'))}, a aplicar ${numero(falta('atendido-aggregator'))} lotes`;
  };
  return () => {
    if (Date.now() - olhada > OLHA_A_LINHA_MS) {
      olhada = Date.now();
      // Only for show: what keeps it from answering is told by the wait at the end.
      olha().catch(() => undefined);
    }
    return texto;
  };
}

async function esperaTudo(conexoes: Conexoes): Promise<void> {
  let total = 0;
  const barra = { atual: null as ReturnType<typeof abreProgresso> | null };
  await esperaALinha(conexoes, {
    semProgressoMs: SEM_PROGRESSO_MS,
    progresso: (atrasos) => {
      const faltam = atrasos.reduce((n, a) => n + a.registros, 0);
      if (barra.atual === null) {
        total = faltam;
        barra.atual = abreProgresso('Terminando a linha', total);
      }
      barra.atual.anda(Math.max(0, total - faltam), faltam > 0 ? `faltam ${numero(faltam)} registros` : 'tudo lido');
    },
  });
  barra.atual?.acaba();
}

const CANDIDATOS = 30;

/** Of some of the people who come back a lot, the one with the most deliveries. */
async function clienteDeExemplo({ leitor, config }: Conexoes, opcoes: OpcoesDaDemo): Promise<string | null> {
  const clientes = clientesDaDemo(opcoes);
  const pseudonimo = pseudonimizador(config.clientIdKey);
  let melhor: { id: string; entregas: number } | null = null;
  for (let n = 0; n < CANDIDATOS; n += 1) {
    const id = pseudonimo(clientes.cpf(n));
    const estado = await leitor.cliente(id);
    const quantas = estado === null ? 0 : entregas(estado).length;
    if (quantas > (melhor?.entregas ?? 0)) melhor = { id, entregas: quantas };
  }
  return melhor?.id ?? null;
}

interface Preparada {
  opcoes: OpcoesDaDemo;
  execucao: string;
  porta: string;
  chaves: ReadonlyMap<string, string>;
}

/** Sends everything and waits for the line, probing it meanwhile. */
async function carrega(conexoes: Conexoes, { opcoes, execucao, porta, chaves }: Preparada, sondas: Sondas) {
  const { eventos, semente } = opcoes;
  const { config, kafka, interacoes } = conexoes;
  const registry = connectRegistry(config.registryUrl);
  const biblioteca = await transporteKafka({ kafka, registry, clientIdKey: config.clientIdKey });
  const barra = abreProgresso('Enviando', eventos);
  const fila = filaDaLinha(conexoes);
  let enviando = true;
  const inicio = performance.now();
  const naCarga = sondas.enquanto(() => enviando);
  // Told where it is awaited; a failure before that must not end the process.
  naCarga.catch(() => undefined);
  try {
    const envio = await enviaTudo({
      eventos: geraEventos({ eventos, semente, execucao, agora: Date.now() }),
      porta,
      chaves,
      kafka: biblioteca,
      progresso: (enviados) => barra.anda(enviados, fila()),
    });
    const semPorta = await escreveSemPorta(kafka, interacoes, execucao);
    barra.acaba();
    enviando = false;
    await esperaTudo(conexoes);
    const segundosAteOFim = (performance.now() - inicio) / 1000;
    return { envio, semPorta, segundosAteOFim, naCarga: await naCarga };
  } finally {
    enviando = false;
    await biblioteca.fecha();
  }
}

async function prepara(opcoes: OpcoesDaDemo, porta: string): Promise<Preparada> {
  const operacao = new Operacao(porta, resolveChaveOperacao());
  const inicio = performance.now();
  const chaves = await operacao.credenciais();
  const registros = await operacao.portfolio(opcoes);
  process.stderr.write(
    `Portfólio de ${numero(registros)} soluções e ofertas, e ${chaves.size} chaves de produtores, em ${duracao(performance.now() - inicio)}\n`,
  );
  return { opcoes, execucao: randomBytes(4).toString('hex'), porta, chaves };
}

/**
 * Plays the producers against a stack that is up, waits until everything has passed, and checks the result.
 * @throws CodedError LINHA_PARADA naming who is behind; DEMO_SEM_ACESSO; those of the doors
 */
export async function executaDemo(opcoes: OpcoesDaDemo, { porta, api }: Portas): Promise<ResultadoDaDemo> {
  const preparada = await prepara(opcoes, porta);
  return conectado(async (conexoes) => {
    const sondas = new Sondas({
      porta,
      chave: preparada.chaves.get(SONDA) ?? '',
      api,
      chaveDeConsulta: resolveChaveOperacao(),
      clientIdKey: conexoes.config.clientIdKey,
    });
    const { envio, semPorta, segundosAteOFim, naCarga } = await carrega(conexoes, preparada, sondas);
    process.stderr.write(`Medindo a linha em dia, com ${SONDAS_EM_DIA} sondas…\n`);
    const emDia = await sondas.emSeguida(SONDAS_EM_DIA);
    await sondas.fecha();
    process.stderr.write('Auditando: tudo recontado desde o começo, em memória…\n');
    await esperaALinha(conexoes, { semProgressoMs: SEM_PROGRESSO_MS });
    const auditoria = await audita(conexoes);
    const quarentena = await contaQuarentena(conexoes.kafka, conexoes.quarentenas);
    return {
      ...opcoes,
      execucao: preparada.execucao,
      envio,
      semPorta,
      sondas: sondas.enviadas,
      segundosAteOFim,
      eventosPorSegundo: envio.enviados / segundosAteOFim,
      latencia: { emDia, naCarga },
      resultados: resultadosDe(await conexoes.leitor.contadores(), quarentena),
      auditoria,
      api,
      clienteDeExemplo: await clienteDeExemplo(conexoes, opcoes),
    };
  });
}
