import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { Impressao, TrocaDeChave, TrocaEmVigor, TrocasDeChave } from '#domain/troca-de-chave.ts';
import { CodedError } from './errors.ts';
import type { InputRecord, OutputRecord } from './kafka/port.ts';
import { KEY_CHANGES_TOPIC as TOPICO_DAS_TROCAS } from './topics.ts';

const CHAVE_DA_TROCA = 'troca';
/** As a piece of no filter: so a version that does not know of it passes it over. */
const ID_DA_CHAVE_EM_USO = 'chave-em-uso';
/** Far under what the topic takes in a batch. */
const BYTES_POR_PEDACO = 524_288;

const dita = z.object({ id: z.string(), por: z.string(), em: z.number(), anterior: z.string(), nova: z.string() });
const gravada = z.discriminatedUnion('estado', [
  dita.extend({ estado: z.literal('anunciada') }),
  dita.extend({ estado: z.literal('retirada') }),
  dita.extend({
    estado: z.literal('em-vigor'),
    interacoes: z.array(z.number()),
    presencas: z.array(z.number()),
    /** How many pieces the filter is in, and the SHA-256 of it whole. */
    filtro: z.object({ pedacos: z.number(), sha256: z.string() }),
    /** Who came after it was published, and before the change was in force. */
    cauda: z.array(z.string()),
  }),
]);
type Gravada = z.infer<typeof gravada>;
type EmVigor = Extract<Gravada, { estado: 'em-vigor' }>;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

/** A change that is made now. */
export function trocaNova(dados: Pick<TrocaDeChave, 'por' | 'anterior' | 'nova'>): TrocaDeChave {
  return { id: randomUUID(), em: Date.now(), ...dados };
}

/** The filter as the topic has it: under the id of the change that it is for. */
export function* pedacosDoFiltro(id: string, { bytes }: FiltroDeIds): Generator<OutputRecord> {
  for (let n = 0; n * BYTES_POR_PEDACO < bytes.length; n += 1) {
    const value = Buffer.from(bytes.subarray(n * BYTES_POR_PEDACO, (n + 1) * BYTES_POR_PEDACO));
    yield { topic: TOPICO_DAS_TROCAS, key: `filtro:${id}:${n}`, value };
  }
}

/** The record that says which key is in use, by its fingerprint. */
export function registroDaChaveEmUso(impressao: Impressao): OutputRecord {
  return { topic: TOPICO_DAS_TROCAS, key: `filtro:${ID_DA_CHAVE_EM_USO}:0`, value: Buffer.from(impressao) };
}

/** The record that says that a change is announced, or is none any more. */
export function registroDaTroca(troca: TrocaDeChave, estado: 'anunciada' | 'retirada'): OutputRecord {
  const { id, por, anterior, nova } = troca;
  const value: Gravada = { estado, id, por, em: Date.now(), anterior, nova };
  return { topic: TOPICO_DAS_TROCAS, key: CHAVE_DA_TROCA, value: Buffer.from(JSON.stringify(value)) };
}

/** The record that puts a change in force. @param cauda who is known and not in the filter as it was published */
export function registroEmVigor({ limites, conhecidos, ...troca }: TrocaEmVigor, cauda: string[]): OutputRecord {
  const { bytes } = conhecidos;
  const filtro = { pedacos: Math.ceil(bytes.length / BYTES_POR_PEDACO), sha256: sha256(bytes) };
  const { interacoes, presencas } = limites;
  const value: EmVigor = {
    ...{ ...troca, estado: 'em-vigor', em: Date.now(), filtro, cauda },
    ...{ interacoes: [...interacoes], presencas: [...presencas] },
  };
  return { topic: TOPICO_DAS_TROCAS, key: CHAVE_DA_TROCA, value: Buffer.from(JSON.stringify(value)) };
}

/** The value of a record of the topic, with what `muda` makes of the places it names; of one that names none, itself. */
export function comLimites(
  { key, value }: { key: Buffer | null; value: Buffer },
  muda: (limites: Pick<EmVigor, 'interacoes' | 'presencas'>) => Pick<EmVigor, 'interacoes' | 'presencas'>,
): Buffer {
  if (String(key) !== CHAVE_DA_TROCA) return value;
  const dita = le(value);
  if (dita.estado !== 'em-vigor') return value;
  const { interacoes, presencas } = dita;
  return Buffer.from(JSON.stringify({ ...dita, ...muda({ interacoes, presencas }) } satisfies EmVigor));
}

/**
 * Takes the records of the topic in, in order. Of the filters of changes that are not in force it keeps the one that was begun
 * last; and while a change is announced, its own.
 */
export class LeituraDasTrocas {
  readonly #trocas: TrocasDeChave;
  /** By change. */
  readonly #pedacos = new Map<string, Map<number, Buffer>>();

  constructor(trocas: TrocasDeChave) {
    this.#trocas = trocas;
  }

  /** @throws CodedError TROCA_ILEGIVEL: without it nobody's name is certain */
  recebe({ key, value }: Pick<InputRecord, 'key' | 'value'>): void {
    if (value === null) return;
    const [tipo, id = '', n = ''] = String(key).split(':');
    if (id === ID_DA_CHAVE_EM_USO) {
      // Once a change is in force, the keys in use are its own.
      if (this.#trocas.emVigor === null) this.#trocas.emUso = value.toString();
      return;
    }
    if (tipo === 'filtro') {
      this.#guarda(id, Number(n), value);
      return;
    }
    const dita = le(value);
    const { estado, ...troca } = dita;
    // Of a key that is no longer in use: nothing of it will hold.
    if (estado !== 'retirada' && !this.#trocas.segue(troca)) return;
    if (estado === 'anunciada') {
      this.#trocas.anunciada = troca;
    } else if (estado === 'retirada') {
      this.#trocas.anunciada = null;
      this.#pedacos.delete(troca.id);
    } else {
      this.#trocas.poeEmVigor(this.#trocaDe(dita));
      this.#pedacos.clear();
    }
  }

  /** Whether a record that would put a change in force can be taken in by whoever has read what stands before it. */
  leria({ value }: Pick<OutputRecord, 'value'>): boolean {
    const dita = le(value ?? Buffer.alloc(0));
    return dita.estado === 'em-vigor' && this.#bytesDe(dita) !== null;
  }

  #guarda(id: string, n: number, pedaco: Buffer): void {
    let dele = this.#pedacos.get(id);
    if (dele === undefined) {
      for (const outro of this.#pedacos.keys()) if (outro !== this.#trocas.anunciada?.id) this.#pedacos.delete(outro);
      dele = new Map();
      this.#pedacos.set(id, dele);
    }
    dele.set(n, pedaco);
  }

  #trocaDe(dita: EmVigor): TrocaEmVigor {
    const { estado: _, interacoes, presencas, filtro: __, cauda, ...troca } = dita;
    const bytes = this.#bytesDe(dita);
    if (bytes === null) throw ilegivel('o filtro não é o que foi publicado');
    const conhecidos = new FiltroDeIds(bytes);
    for (const id of cauda) conhecidos.adiciona(id);
    return { ...troca, limites: { interacoes, presencas }, conhecidos };
  }

  /** The filter of a change; null: it is not here as it was published. */
  #bytesDe({ id, filtro }: EmVigor): Uint8Array | null {
    const pedacos = this.#pedacos.get(id) ?? new Map<number, Buffer>();
    const partes = Array.from({ length: filtro.pedacos }, (_, n) => pedacos.get(n) ?? Buffer.alloc(0));
    const total = partes.reduce((soma, { length }) => soma + length, 0);
    // Shared: the threads of an audit look at one and the same.
    const bytes = new Uint8Array(new SharedArrayBuffer(total));
    let onde = 0;
    for (const parte of partes) {
      bytes.set(parte, onde);
      onde += parte.length;
    }
    return sha256(bytes) === filtro.sha256 ? bytes : null;
  }
}

const ilegivel = (porque: string, cause?: unknown): CodedError =>
  new CodedError('TROCA_ILEGIVEL', `a troca de CLIENT_ID_KEY não pode ser lida: ${porque}`, { cause });

function le(value: Buffer): Gravada {
  try {
    return gravada.parse(JSON.parse(value.toString()));
  } catch (error) {
    throw ilegivel('o registro não é o que se escreve', error);
  }
}
