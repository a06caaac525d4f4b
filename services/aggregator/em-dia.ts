import { setTimeout } from 'node:timers/promises';
import type { Gauge } from 'prom-client';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { type PartesDoEncerramento, terminaEsquecimentos } from '#platform/esquecimento/termina.ts';
import { Geracoes, trocaEmCurso } from '#platform/estado/geracoes.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { esperaOQueHa } from '#platform/linha.ts';
import { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { pendenciaDaApuracao, poeEmDia } from '#platform/reconstrucao/em-dia.ts';
import type { PartesDaReconstrucao } from '#platform/reconstrucao/reconstrucao.ts';
import { endsWithin } from '#platform/stopping.ts';
import type { Worker } from '#platform/worker.ts';

const OLHAR_MS = 2_000;
/** So long a look under way is waited for at the end: a server may be away. What it left undone is gone on with. */
const FIM_MS = 2_000;
/** How often an order to forget somebody is seen before it is ended here: who made it is at it. */
const ESQUECIMENTO_OLHARES = 5;
/** After what does not pass by itself, such as a line that stands still. */
const PAUSA_MS = 30_000;

type DoWorker = Pick<Worker, 'kafka' | 'admin' | 'seguidas' | 'log' | 'onStop'>;
type DoEstado = Pick<PartesDaReconstrucao, 'redis' | 'clientesAtendidos'> &
  Pick<PartesDoEncerramento, 'interacoes'> & {
    lotes: PartesDaReconstrucao['lotes'] & PartesDoEncerramento['lotes'];
    resolucoes: ConstructorParameters<typeof Resolucoes>[1];
  };

/** What a rebuild works with, and what ends an order to forget somebody. */
type Partes = PartesDaReconstrucao & { termina(sinal: AbortSignal): Promise<number> };

/** A producer is there for as long as there is something to do: there hardly ever is. */
async function comPartes<T>(
  { kafka, admin, seguidas }: DoWorker,
  estado: DoEstado,
  trabalho: (partes: Partes) => Promise<T>,
): Promise<T> {
  const producer = await kafka.producer();
  try {
    const topico = 'lancamentos';
    const particoes = await admin.partitionCount(topico);
    const resolucoes = new Resolucoes(kafka, estado.resolucoes);
    const partes = { kafka, admin, producer, seguidas, topico, particoes, ...estado, resolucoes };
    const leitor = leitorDeEstado(estado.redis, { particoes, emVigor: () => seguidas.apuracoes.emVigor });
    const esquecidos = (espera: () => Promise<void>) => terminaEsquecimentos(partes, espera);
    const termina = (sinal: AbortSignal) =>
      esquecidos(() => esperaOQueHa({ ...partes, leitor }, { progresso: () => sinal.throwIfAborted() }));
    return await trabalho({ ...partes, esquecidos, termina });
  } finally {
    await producer.close();
  }
}

/**
 * Keeps the state served that of the apuração in force, whatever happened to who applied it or to Redis: looks now and
 * then, and where nobody else is at it builds what is missing, beside the live state as a rebuild does.
 * @param superada told whether the state served is not of the apuração in force
 */
export function mantemEmDia(worker: DoWorker, estado: DoEstado, superada: Pick<Gauge, 'set'>): void {
  const { seguidas, log, onStop } = worker;
  const geracoes = new Geracoes(estado.redis, () => seguidas.apuracoes.emVigor);
  const fim = new AbortController();
  const sinal = fim.signal;
  let vistas = 0;
  let inacabados = 0;
  /** An order to forget somebody whose command was killed, or that nobody waits for. */
  const terminaOQueFicou = async (espera: boolean): Promise<void> => {
    const { apuracoes, esquecimentos } = seguidas;
    inacabados = espera || esquecimentos.inacabados(apuracoes.emVigor).length === 0 ? 0 : inacabados + 1;
    if (inacabados < ESQUECIMENTO_OLHARES) return;
    const terminados = await comPartes(worker, estado, ({ termina }) => termina(sinal));
    log.info({ terminados }, 'esquecimentos que ninguém terminava estão encerrados');
    inacabados = 0;
  };
  const olha = async (): Promise<void> => {
    const pendencia = await pendenciaDaApuracao({ ...estado, seguidas });
    await terminaOQueFicou(pendencia !== null);
    superada.set(pendencia === 'superada' ? 1 : 0);
    // So that a copy of this Redis says which one was live, whatever is in force when it is put back.
    await geracoes.fixaViva();
    vistas = pendencia === null || (await trocaEmCurso(estado.redis)) ? 0 : vistas + 1;
    // Seen once, it may be a change that ends just now.
    if (vistas < 2) return;
    log.warn({ pendencia }, 'o Redis não tem o que a apuração em vigor decidiu: termino');
    const feita = await comPartes(worker, estado, (partes) => poeEmDia(partes, { sinal }));
    log.info({ viva: feita?.viva, paradoMs: feita?.paradoMs }, 'o estado no ar é o da apuração em vigor');
  };
  /** @returns how long to wait, in milliseconds */
  const tenta = async (): Promise<number> => {
    try {
      await olha();
    } catch (err) {
      if (sinal.aborted) return 0;
      if (!(err instanceof RetryableError || err instanceof CodedError)) throw err;
      // A server that is away while there is nothing to do is told by readiness.
      if (vistas > 1 || inacabados >= ESQUECIMENTO_OLHARES)
        log.warn({ err }, 'não pude pôr o estado em dia: tento de novo');
      if (err instanceof CodedError) return PAUSA_MS;
    }
    return OLHAR_MS;
  };
  const vigia = async (): Promise<void> => {
    for (let pausa = OLHAR_MS; !sinal.aborted; pausa = await tenta()) {
      await setTimeout(pausa, undefined, { ref: false, signal: sinal }).catch(() => undefined);
    }
  };
  const acabou = vigia();
  onStop('estado em dia', async () => {
    fim.abort();
    await endsWithin(FIM_MS, acabou);
  });
}
