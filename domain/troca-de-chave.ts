import { createHash, createHmac } from 'node:crypto';
import type { Lugar, TopicoApurado } from './apuracao.ts';
import { normalizaDocumento, PSEUDONIMO_PF, type Pseudonimizador, pseudonimizador } from './documento.ts';
import type { FiltroDeIds } from './filtro-de-ids.ts';
import type { Interacao } from './interacao.ts';

/** A key by what tells it from another and does not tell it. */
export type Impressao = string;

const TEXTO_DA_IMPRESSAO = 'atendido: impressão da CLIENT_ID_KEY';
const DO_CORPO = 17;
const DO_SELO = 5;

export function impressaoDaChave(chave: string): Impressao {
  return createHmac('sha256', chave).update(TEXTO_DA_IMPRESSAO).digest('base64url').slice(0, 22);
}

/** By the fingerprint alone, so that whoever holds no key can tell whose id it is. */
function selo(nova: Impressao, corpo: string): string {
  return createHash('sha256').update(`${nova}\0${corpo}`).digest('base64url').slice(0, DO_SELO);
}

/** The client ids of who was never seen before a change: 102 bits of the HMAC, and 30 that say under which key. */
export function pseudonimizadorSelado(chave: string): Pseudonimizador {
  const nova = impressaoDaChave(chave);
  return (documento) => {
    const digitos = normalizaDocumento(documento);
    const corpo = createHmac('sha256', chave).update(digitos).digest('base64url').slice(0, DO_CORPO);
    return `pf:${corpo}${selo(nova, corpo)}`;
  };
}

/** Whether an id was made under the key of this fingerprint; of others, one in 2^30 seems so. */
export function temSelo(id: string, nova: Impressao): boolean {
  if (!PSEUDONIMO_PF.test(id)) return false;
  const fim = 3 + DO_CORPO;
  return selo(nova, id.slice(3, fim)) === id.slice(fim);
}

/** A change of CLIENT_ID_KEY. */
export interface TrocaDeChave {
  id: string;
  /** Who had it made. */
  por: string;
  /** When it came to where it is, milliseconds since the epoch. */
  em: number;
  anterior: Impressao;
  nova: Impressao;
}

/** One that holds: from the limits on, who is not known by then is named under the new key. */
export type TrocaEmVigor = TrocaDeChave & {
  /** By topic and partition: the first offset it holds for. */
  limites: Readonly<Record<TopicoApurado, readonly number[]>>;
  /** Who stands before the limits. */
  conhecidos: FiltroDeIds;
};

/**
 * The client id of a CPF across all changes of key: a person keeps the name under which they were first known. A pure
 * function of the CPF, the keys, and who was known at each change: whoever asks, whenever, is told the same.
 * @param chaves in the order in which they were in use: the first one, and that of each change
 */
export function pseudonimizadorDasTrocas(
  [primeira, ...seguintes]: readonly [string, ...string[]],
  trocas: readonly Pick<TrocaEmVigor, 'conhecidos'>[],
): Pseudonimizador {
  if (seguintes.length !== trocas.length) throw new TypeError(`${trocas.length} trocas, ${seguintes.length} chaves`);
  const seladas = seguintes.map(pseudonimizadorSelado);
  const daPrimeira = pseudonimizador(primeira);
  return (cpf) => {
    let nome = daPrimeira(cpf);
    for (const [n, { conhecidos }] of trocas.entries()) {
      // Each change knows of whoever was named by the key before it.
      if (conhecidos.tem(nome)) break;
      nome = seladas[n]?.(cpf) ?? nome;
    }
    return nome;
  };
}

/** Of all changes of key, the one that is announced and those in force. */
export class TrocasDeChave {
  /** Announced: who was known by then is being looked up, and nobody new may come. */
  anunciada: TrocaDeChave | null = null;
  /** The key in use while none is in force, as it was last published; null: it was not yet. */
  emUso: Impressao | null = null;
  #todas: readonly TrocaEmVigor[] = [];

  /** Those in force, in the order in which they came. */
  get todas(): readonly TrocaEmVigor[] {
    return this.#todas;
  }

  /** The one that came last. */
  get emVigor(): TrocaEmVigor | null {
    return this.#todas.at(-1) ?? null;
  }

  /** Whether a change begins where the ones in force have come to: one made of another key is none, nor is one made again. */
  segue({ anterior, nova }: Pick<TrocaDeChave, 'anterior' | 'nova'>): boolean {
    const { emVigor } = this;
    if (emVigor === null) return true;
    // A key that was in use does not come back: whose name it made would hang on when.
    return anterior === emVigor.nova && !this.foiUsada(nova);
  }

  /** Whether a key is or was in use, by the changes in force. */
  foiUsada(chave: Impressao): boolean {
    return this.#todas.some(({ anterior, nova }) => anterior === chave || nova === chave);
  }

  /** Of two changes of the same key the first one that came into force stays. */
  poeEmVigor(troca: TrocaEmVigor): void {
    if (!this.segue(troca)) return;
    this.anunciada = null;
    this.#todas = [...this.#todas, troca];
  }

  /**
   * Whether a record from outside names somebody by a key of before who was not known under it: sent by who did not
   * know of a change. Under that name they would be counted a second time.
   */
  superada(lugar: Lugar, { cliente, participantes }: Interacao): boolean {
    const valem = this.#ateOnde(lugar);
    if (valem.length === 0) return false;
    const estranha = (pf: string | null | undefined): boolean => {
      return pf != null && PSEUDONIMO_PF.test(pf) && !nomeiaBem(pf, valem);
    };
    return estranha(cliente?.pf) || (participantes ?? []).some((p) => estranha(p.cliente.pf));
  }

  /** The changes that hold at a place of the log: each begins behind the one before. */
  #ateOnde({ topic, partition, offset }: Lugar): readonly TrocaEmVigor[] {
    // A partition that was added since holds nothing older.
    const depois = this.#todas.findIndex((t) => offset < (t.limites[topic as TopicoApurado]?.[partition] ?? 0));
    return depois === -1 ? this.#todas : this.#todas.slice(0, depois);
  }
}

/**
 * Whether a pseudonym is a name that somebody may have where these changes hold: by the newest key, or known when its
 * own went.
 */
function nomeiaBem(pf: string, trocas: readonly TrocaEmVigor[]): boolean {
  // Whatever key made it: the cheaper question first, which most are answered by.
  if (trocas.every(({ conhecidos }) => conhecidos.tem(pf))) return true;
  const sob = trocas.findLastIndex(({ nova }) => temSelo(pf, nova));
  // The change that took its key out of use; one that none did take is the newest.
  const seguinte = trocas[sob + 1];
  return seguinte === undefined || seguinte.conhecidos.tem(pf);
}
