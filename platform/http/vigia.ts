import type { Readiness } from '../readiness.ts';

const INTERVALO_MS = 3_000;
/** Without an answer for so long a server is taken for away: it takes connections, and is frozen. */
const PRAZO_DO_SINAL_MS = 8_000;

type Perguntas = Readonly<Record<string, () => Promise<unknown>>>;

interface Tempos {
  intervaloMs?: number;
  prazoMs?: number;
}

/**
 * Runs `vence` after so long. In two halves: where it is us who stood still, what came meanwhile is read before the second
 * one ends.
 * @returns what has it not run
 */
function depoisDe(prazoMs: number, vence: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(vence, prazoMs / 2);
  }, prazoMs / 2);
  return () => clearTimeout(timer);
}

/**
 * Asks each server again and again whether it answers, so that readiness says so before a caller finds out.
 * @param perguntas by part; a rejection is the cause. They may take long for other reasons than a server that is away
 * @param sinais the same, and cheap: no answer in time is a cause too, until there is one
 * @returns what stops it
 */
export function vigia(
  readiness: Pick<Readiness, 'set'>,
  { perguntas = {}, sinais = {} }: { perguntas?: Perguntas; sinais?: Perguntas },
  { intervaloMs = INTERVALO_MS, prazoMs = PRAZO_DO_SINAL_MS }: Tempos = {},
): () => void {
  let parada = false;
  const pendentes = new Set<() => void>();
  const daquiA = (ms: number, faz: () => void): (() => void) => {
    const cancela = depoisDe(ms, () => {
      pendentes.delete(solta);
      faz();
    });
    const solta = (): void => {
      pendentes.delete(solta);
      cancela();
    };
    pendentes.add(solta);
    return solta;
  };
  const pergunta = async (parte: string, faz: () => Promise<unknown>, comPrazo: boolean): Promise<void> => {
    let calado = false;
    const cala = (): void => {
      calado = true;
      readiness.set(parte, `sem resposta há mais de ${prazoMs / 1_000} s`);
    };
    const solta = comPrazo ? daquiA(prazoMs, cala) : () => undefined;
    try {
      await faz();
      readiness.set(parte, null);
    } catch (error) {
      // Of who was silent it says no more, and may hold for a moment only.
      if (!calado) readiness.set(parte, error instanceof Error ? error : String(error));
    }
    solta();
    if (!parada) daquiA(intervaloMs, () => void pergunta(parte, faz, comPrazo));
  };
  for (const [parte, faz] of Object.entries(perguntas)) void pergunta(parte, faz, false);
  for (const [parte, faz] of Object.entries(sinais)) void pergunta(parte, faz, true);
  return () => {
    parada = true;
    for (const solta of pendentes) solta();
  };
}
