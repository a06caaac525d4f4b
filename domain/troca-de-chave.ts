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
 * The client id of a CPF across a change of key: a person keeps the name under which they were first known. A pure
 * function of the CPF, both keys, and who was known: whoever asks, whenever, is told the same.
 */
export function pseudonimizadorDaTroca(
  chaves: { anterior: string; nova: string },
  { conhecidos }: Pick<TrocaEmVigor, 'conhecidos'>,
): Pseudonimizador {
  const [antes, depois] = [pseudonimizador(chaves.anterior), pseudonimizadorSelado(chaves.nova)];
  return (cpf) => {
    const antigo = antes(cpf);
    return conhecidos.tem(antigo) ? antigo : depois(cpf);
  };
}

/** Of all changes of key, the one that is announced and the one in force. */
export class TrocasDeChave {
  /** Announced: who was known by then is being looked up, and nobody new may come. */
  anunciada: TrocaDeChave | null = null;
  /** The key in use while none is in force, as it was last published; null: it was not yet. */
  emUso: Impressao | null = null;
  #emVigor: TrocaEmVigor | null = null;

  get emVigor(): TrocaEmVigor | null {
    return this.#emVigor;
  }

  /** The first one that came into force stays. */
  poeEmVigor(troca: TrocaEmVigor): void {
    this.anunciada = null;
    this.#emVigor ??= troca;
  }

  /**
   * Whether a record from outside names somebody by the key of before who was not known under it: sent by who did not
   * know of the change. Under that name they would be counted a second time.
   */
  superada({ topic, partition, offset }: Lugar, { cliente, participantes }: Interacao): boolean {
    const troca = this.#emVigor;
    // A partition that was added since holds nothing older.
    if (troca === null || offset < (troca.limites[topic as TopicoApurado]?.[partition] ?? 0)) return false;
    const estranha = (pf: string | null | undefined): boolean => {
      return pf != null && PSEUDONIMO_PF.test(pf) && !troca.conhecidos.tem(pf) && !temSelo(pf, troca.nova);
    };
    return estranha(cliente?.pf) || (participantes ?? []).some((p) => estranha(p.cliente.pf));
  }
}
