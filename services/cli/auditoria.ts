import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Apuracoes } from '#domain/apuracao.ts';
import { acumulaContadores, type Contadores, semDias } from '#domain/indicadores.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import type { Config } from '#platform/config.ts';
import { RetryableError } from '#platform/errors.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { Copias } from './auditoria/copias.ts';
import { comparaContadores, type Diferenca } from './auditoria/diferencas.ts';
import type { Aviso, Lidos, Resultado, Tarefa } from './auditoria/mensagens.ts';
import { leQuarentena, type PostosDeLado } from './auditoria/quarentena.ts';

export type { Diferenca } from './auditoria/diferencas.ts';

export interface Auditoria {
  /** Records read from `interacoes` and `presencas`, those derived by the consolidator left out. */
  registros: number;
  clientes: number;
  contadores: number;
  /** In quarantine by a portfolio that has since changed, and not yet replayed. */
  aguardandoReplay: number;
  /** Copies of an event under other clients than the first: a fault of their source, counted for each client. */
  copiasDeOutroCliente: number;
  /** An older program wrote the state: clients by day, which it did not keep, are not compared. */
  semDias: boolean;
  diferencas: Diferenca[];
  segundos: number;
}

export interface PartesDaAuditoria {
  config: Config;
  kafka: Kafka;
  admin: KafkaAdmin;
  leitor: LeitorDeEstado;
  interacoes: Codec<Interacao>;
  quarentenas: Codec<Quarentena>;
  resolucoes: Resolucoes;
  portfolio: PortfolioEmMemoria;
  apuracoes: Apuracoes;
  seguidas: Pick<ApuracoesSeguidas, 'esquecimentos'>;
}

/** A thread for each core, so long as each has something to read; and between any two a way for entries. */
function divide(tarefa: Omit<Tarefa, 'parte' | 'portas'>): Tarefa[] {
  const { interacoes, presencas } = tarefa.particoes;
  const partes = Math.min(availableParallelism(), Math.max(interacoes, presencas));
  const tarefas = Array.from({ length: partes }, (_, parte) => {
    return { ...tarefa, parte, portas: new Array<MessagePort | null>(partes).fill(null) };
  });
  for (const a of tarefas) {
    for (const b of tarefas.slice(a.parte + 1)) {
      const { port1, port2 } = new MessageChannel();
      a.portas[b.parte] = port1;
      b.portas[a.parte] = port2;
    }
  }
  return tarefas;
}

const THREAD = new URL('./auditoria/thread.ts', import.meta.url);
/** Of the parent's options none: a test runner's are not ours. */
const OPCOES_DO_NODE = ['--disable-warning=ExperimentalWarning'];

/** What is read dies young: with room for it, little of it is copied first. MiB. */
const LIMITES = { maxYoungGenerationSizeMb: 192 };

/** Runs one thread to its end. @throws RetryableError a server is away; what ended it otherwise */
function executa(tarefa: Tarefa, workers: Worker[], lidos: (aviso: Lidos) => void): Promise<Resultado> {
  const transferList = tarefa.portas.filter((porta) => porta !== null);
  const worker = new Worker(THREAD, {
    workerData: tarefa,
    transferList,
    execArgv: OPCOES_DO_NODE,
    resourceLimits: LIMITES,
  });
  workers.push(worker);
  return new Promise((resolve, reject) => {
    worker.on('message', (aviso: Aviso) => {
      if (aviso.aviso === 'lidos') lidos(aviso);
      else if (aviso.aviso === 'fim') resolve(aviso.resultado);
      else reject(new RetryableError(aviso.mensagem));
    });
    worker.once('error', reject);
    worker.once('exit', (codigo) => reject(new Error(`uma parte da auditoria terminou antes do fim (${codigo})`)));
  });
}

/** Recounts the whole log, shared among threads, and reads meanwhile what Redis counts. */
async function reconta(partes: PartesDaAuditoria, postosDeLado: PostosDeLado, progresso: (n: number) => void) {
  const { config, admin, leitor, portfolio, apuracoes, seguidas } = partes;
  const [interacoes, presencas, lancamentos] = await Promise.all([
    admin.partitionCount('interacoes'),
    admin.partitionCount('presencas'),
    admin.partitionCount('lancamentos'),
  ]);
  const { kafka, registryUrl, redis } = config;
  const { solucoes, disponibilizacoes } = portfolio;
  const tarefas = divide({
    config: { kafka, registryUrl, redis },
    particoes: { interacoes, presencas, lancamentos },
    solucoes,
    disponibilizacoes,
    apuracao: apuracoes.emVigor,
    vigencias: apuracoes.rulebooksEmVigor.vigencias(),
    postosDeLado,
    esquecimentos: seguidas.esquecimentos.todos(),
    trocas: seguidas.esquecimentos.trocas.todas,
  });
  const copias = new Copias();
  const workers: Worker[] = [];
  let lidos = 0;
  const conta = ({ registros, identidades }: Lidos): void => {
    copias.soma(identidades);
    lidos += registros;
    progresso(lidos);
  };
  try {
    const partesDoLog = Promise.all(tarefas.map((tarefa) => executa(tarefa, workers, conta)));
    const [resultados, doRedis] = await Promise.all([partesDoLog, leitor.contadores()]);
    return { resultados, doRedis, copiasDeOutroCliente: copias.deOutroCliente };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** What several threads counted under the same names. */
function soma(parcelas: readonly Contadores[]): Contadores {
  const total: Contadores = new Map();
  for (const parcela of parcelas) acumulaContadores(total, parcela);
  return total;
}

const porChave = (a: Diferenca, b: Diferenca): number => (a.chave < b.chave ? -1 : 1);

/**
 * Recounts the log from the beginning in plain memory and compares clients, indicators, metrics and quarantine with
 * what the services made of it. Nothing the services keep is used, save what waits in quarantine for a replay. The line
 * should have nothing left to read (see `esperaALinha`).
 * @param progresso told how many records have been read
 */
export async function audita(
  partes: PartesDaAuditoria,
  progresso: (registros: number) => void = () => {},
): Promise<Auditoria> {
  const inicio = performance.now();
  const { porMotivo, postosDeLado, aguardandoReplay } = await leQuarentena(partes);
  const { resultados, doRedis, copiasDeOutroCliente } = await reconta(partes, postosDeLado, progresso);
  const { indicadores, metricas } = doRedis;
  const ao = (parcela: (r: Resultado) => number): number => resultados.reduce((n, r) => n + parcela(r), 0);
  const recontados = soma(resultados.map((r) => r.indicadores));
  const esperada = soma(resultados.map((r) => r.quarentena));
  return {
    registros: ao((r) => r.registros),
    clientes: ao((r) => r.clientes),
    contadores: indicadores.size + metricas.size,
    aguardandoReplay,
    copiasDeOutroCliente,
    semDias: !doRedis.comDias,
    diferencas: [
      ...resultados.flatMap((r) => r.diferencas).sort(porChave),
      ...comparaContadores('indicador', indicadores, doRedis.comDias ? recontados : semDias(recontados)),
      ...comparaContadores('metrica', metricas, soma(resultados.map((r) => r.metricas))),
      ...comparaContadores('quarentena', porMotivo, esperada),
    ],
    segundos: (performance.now() - inicio) / 1000,
  };
}
