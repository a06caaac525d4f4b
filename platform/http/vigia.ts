import type { Readiness } from '../readiness.ts';

const INTERVALO_MS = 3_000;

/**
 * Asks each server again and again whether it answers, so that readiness says so before a caller finds out.
 * @param perguntas by part; a rejection is the cause
 * @returns what stops it
 */
export function vigia(
  readiness: Pick<Readiness, 'set'>,
  perguntas: Readonly<Record<string, () => Promise<unknown>>>,
): () => void {
  let parada = false;
  const pendentes = new Set<NodeJS.Timeout>();
  const pergunta = async (parte: string, faz: () => Promise<unknown>): Promise<void> => {
    try {
      await faz();
      readiness.set(parte, null);
    } catch (error) {
      readiness.set(parte, error instanceof Error ? error : String(error));
    }
    if (parada) return;
    const timer = setTimeout(() => {
      pendentes.delete(timer);
      void pergunta(parte, faz);
    }, INTERVALO_MS);
    pendentes.add(timer);
  };
  for (const [parte, faz] of Object.entries(perguntas)) void pergunta(parte, faz);
  return () => {
    parada = true;
    for (const timer of pendentes) clearTimeout(timer);
  };
}
