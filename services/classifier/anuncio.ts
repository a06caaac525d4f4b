import type { TrocaDeChave } from '#domain/troca-de-chave.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { comExclusividade, type PartesDaExclusividade } from '#platform/quarentena/reenvio.ts';
import { registroDaTroca } from '#platform/trocas.ts';

/** So long an announced apuração is waited for: twice what its maker takes at most. */
const LIMITE_MS = 12_000;

export interface OpcoesDoAnuncio {
  limiteMs?: number;
  /** Milliseconds, of whatever clock goes on evenly. */
  agora?: () => number;
  /** Told what was given up. */
  aoDesistir: (que: string) => void;
}

/** What nobody decides before: an apuração, an order to forget somebody, or a change of key, that is about to come into force. */
interface Anuncio {
  que: string;
  /** Of one announced again, another. */
  em: number;
  /** The record that says that it is none any more. */
  retirada: () => OutputRecord;
}

function trocaAnunciada(troca: TrocaDeChave | null): Anuncio | null {
  if (troca === null) return null;
  return { que: `troca de chave ${troca.id}`, em: troca.em, retirada: () => registroDaTroca(troca, 'retirada') };
}

function anuncioDe({ apuracoes, esquecimentos, mudanca, ordem }: ApuracoesSeguidas): Anuncio | null {
  const { anunciada } = apuracoes;
  if (anunciada !== null) {
    const { numero, em } = anunciada;
    return { que: `apuração ${numero}`, em, retirada: () => mudanca(numero, 'abandonada') };
  }
  const { anunciado: um } = esquecimentos;
  if (um === null) return trocaAnunciada(esquecimentos.trocas.anunciada);
  return { que: `esquecimento ${um.numero}`, em: um.em, retirada: () => ordem({ ...um, anunciado: false }) };
}

/**
 * While an apuração, or that somebody is to be forgotten, is announced nobody decides anything; one whose maker was killed would hold the line up for ever.
 * Seen announced for too long, it is given up, and can then no longer come into force: who gives it up and who would put
 * it in force write under the same name, one at a time.
 * @returns what is to be awaited before anything is decided; throws as `paraDecidir` does
 */
export function comPrazo(
  seguidas: ApuracoesSeguidas,
  partes: PartesDaExclusividade,
  { limiteMs = LIMITE_MS, agora = () => performance.now(), aoDesistir }: OpcoesDoAnuncio,
): ApuracoesSeguidas['paraDecidir'] {
  let visto: { que: string; em: number; desde: number } | null = null;
  return async () => {
    try {
      await seguidas.paraDecidir();
      visto = null;
    } catch (error) {
      const anuncio = anuncioDe(seguidas);
      if (anuncio === null) visto = null;
      // Announced again, it is waited for anew.
      else if (visto?.que !== anuncio.que || visto.em !== anuncio.em) {
        visto = { que: anuncio.que, em: anuncio.em, desde: agora() };
      } else if (agora() - visto.desde > limiteMs && (await retira(seguidas, partes, anuncio.que))) {
        aoDesistir(anuncio.que);
      }
      throw error;
    }
  };
}

/** @returns whether it was this that gave it up */
function retira(seguidas: ApuracoesSeguidas, partes: PartesDaExclusividade, que: string): Promise<boolean> {
  return comExclusividade(partes, async (producer) => {
    const anuncio = anuncioDe(seguidas);
    if (anuncio?.que !== que) return false;
    await producer.send([anuncio.retirada()]);
    return true;
  });
}
