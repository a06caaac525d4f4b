import { setTimeout as espera } from 'node:timers/promises';

/** How long a transport goes on trying by default, in milliseconds. */
export const PACIENCIA_MS = 60_000;
const PRIMEIRA_PAUSA_MS = 100;
const MAIOR_PAUSA_MS = 5_000;

/** Grows with each attempt, with jitter, so that many producers do not come back at once. */
function pausaDa(tentativa: number): number {
  return Math.min(MAIOR_PAUSA_MS, PRIMEIRA_PAUSA_MS * 2 ** tentativa) * (0.5 + Math.random() / 2);
}

/** What an attempt came to: done, or to be tried again after the pause asked for (ms; null: as one sees fit). */
export type Tentativa<T> = { feito: T } | { causa: Error; pausaMs: number | null };

/**
 * Tries until it is done, or until the next attempt would come too late.
 * @param sinal ends it at once, in a pause too
 * @throws what the last attempt gave as its cause; the signal's reason
 */
export async function insiste<T>(
  pacienciaMs: number,
  tenta: () => Promise<Tentativa<T>>,
  sinal?: AbortSignal,
): Promise<T> {
  const limite = Date.now() + pacienciaMs;
  for (let n = 0; ; n += 1) {
    const tentativa = await tenta();
    if ('feito' in tentativa) return tentativa.feito;
    sinal?.throwIfAborted();
    const ms = tentativa.pausaMs ?? pausaDa(n);
    if (Date.now() + ms > limite) throw tentativa.causa;
    await espera(ms, undefined, sinal && { signal: sinal }).catch(() => sinal?.throwIfAborted());
  }
}
