import { CodedError } from '#platform/errors.ts';

const ENTRE_LINHAS_MS = 3_000;

/** Tells on stderr how far a step has come: a line where it begins, and then one every few seconds. */
export function dizOndeEsta<Etapa extends string>(
  linhaDaEtapa: (etapa: Etapa, feito: number, total: number | null) => string,
): (etapa: Etapa, feito: number, total: number | null) => void {
  let [dita, quando] = ['', 0];
  return (etapa, feito, total) => {
    if (etapa === dita && Date.now() - quando < ENTRE_LINHAS_MS) return;
    [dita, quando] = [etapa, Date.now()];
    process.stderr.write(`${linhaDaEtapa(etapa, feito, total)}\n`);
  };
}

/**
 * Ctrl-C ends the work where it is.
 * @param saida how things are then, and what to do
 */
export async function interrompivel<T>(saida: string, trabalho: (sinal: AbortSignal) => Promise<T>): Promise<T> {
  const parada = new AbortController();
  const para = (): void => parada.abort(new CodedError('INTERROMPIDO', saida, { exitCode: 130 }));
  for (const sinal of ['SIGINT', 'SIGTERM'] as const) process.once(sinal, para);
  return trabalho(parada.signal);
}
