import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import { comExclusividade, type PartesDoReenvio } from '#platform/quarentena/reenvio.ts';

/** So long an announced apuração is waited for: twice what its maker takes at most. */
const LIMITE_MS = 12_000;

export interface OpcoesDoAnuncio {
  limiteMs?: number;
  /** Milliseconds, of whatever clock goes on evenly. */
  agora?: () => number;
  /** Told which apuração was given up. */
  aoDesistir: (numero: number) => void;
}

/**
 * While an apuração is announced nobody decides anything; one whose maker was killed would hold the line up for ever.
 * Seen announced for too long, it is given up, and can then no longer come into force: who gives it up and who would put
 * it in force write under the same name, one at a time.
 * @returns what is to be awaited before anything is decided; throws as `paraDecidir` does
 */
export function comPrazo(
  seguidas: ApuracoesSeguidas,
  partes: PartesDoReenvio,
  { limiteMs = LIMITE_MS, agora = () => performance.now(), aoDesistir }: OpcoesDoAnuncio,
): ApuracoesSeguidas['paraDecidir'] {
  let vista: { numero: number; em: number; desde: number } | null = null;
  return async () => {
    try {
      await seguidas.paraDecidir();
      vista = null;
    } catch (error) {
      const { numero = null, em = 0 } = seguidas.apuracoes.anunciada ?? {};
      if (numero === null) vista = null;
      // Announced again, it is waited for anew.
      else if (vista?.numero !== numero || vista.em !== em) vista = { numero, em, desde: agora() };
      else if (agora() - vista.desde > limiteMs && (await abandona(seguidas, partes, numero))) aoDesistir(numero);
      throw error;
    }
  };
}

/** @returns whether it was this that gave it up */
function abandona(seguidas: ApuracoesSeguidas, partes: PartesDoReenvio, numero: number): Promise<boolean> {
  return comExclusividade(partes, async (producer) => {
    if (seguidas.apuracoes.anunciada?.numero !== numero) return false;
    await producer.send([seguidas.mudanca(numero, 'abandonada')]);
    return true;
  });
}
