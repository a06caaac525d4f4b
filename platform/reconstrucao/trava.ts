import { setTimeout } from 'node:timers/promises';
import { CodedError, RetryableError } from '../errors.ts';
import { type Geracoes, perdeuATrava, TRAVA_MS } from '../estado/geracoes.ts';

const PAUSA_MS = 500;

export interface OpcoesDaTrava {
  /** Ends the wait, and the work at its next check. */
  sinal?: AbortSignal | undefined;
  /** Told now and then while it waits. */
  aoEsperar?: () => void;
}

/**
 * Runs `trabalho` as the only one that changes generations. The lock of one that was killed is waited for.
 * @param trabalho given a check to be made often, which throws once the lock was lost, or the work is to end
 * @throws CodedError RECONSTRUCAO_EM_CURSO another one is at work, RECONSTRUCAO_DESLOCADA another one took over
 */
export async function comTrava<T>(
  geracoes: Geracoes,
  trabalho: (confere: () => void) => Promise<T>,
  { sinal, aoEsperar }: OpcoesDaTrava = {},
): Promise<T> {
  const limite = Date.now() + 2 * TRAVA_MS;
  while (!(await geracoes.toma())) {
    if (Date.now() > limite) throw new CodedError('RECONSTRUCAO_EM_CURSO', 'outro processo está mexendo nas gerações');
    sinal?.throwIfAborted();
    aoEsperar?.();
    await setTimeout(PAUSA_MS);
  }
  let perdida: Error | null = null;
  const mantem = async (): Promise<void> => {
    try {
      if (await geracoes.mantem()) return;
      perdida = perdeuATrava();
    } catch (error) {
      // With Redis away nobody can take the lock either, and the work itself meets that it is.
      if (!(error instanceof RetryableError)) perdida = error as Error;
    }
  };
  const batida = setInterval(() => void mantem(), TRAVA_MS / 5);
  try {
    return await trabalho(() => {
      if (perdida !== null) throw perdida;
      sinal?.throwIfAborted();
    });
  } finally {
    clearInterval(batida);
    if (perdida === null) await geracoes.solta();
  }
}
