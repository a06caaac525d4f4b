import { type Codec, codecFor, decodeOrNull } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import { CodedError } from '#platform/errors.ts';
import { QUARENTENA as WHICH } from '#platform/quarentena/cabecalhos.ts';
import { coordenada, idDe, TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import type { Registry } from '#platform/registry.ts';
import { type Ends, type Reader, readInOrder } from './read.ts';
import type { Old, Target } from './target.ts';

/** Records ever set aside that are kept in mind: 1 GB, and a Map ends at four times as many. */
export const MOST = 4_000_000;

interface Place {
  partition: number;
  offset: number;
}

/**
 * What was set aside, and how it is told of from elsewhere: a record in quarantine names the raw one it holds, and
 * resolutions and copies put back name the record in quarantine. Both places are others in the new line; some 250 bytes
 * of memory for each record that was ever set aside.
 */
export class Quarantine {
  readonly #codec: Codec<Quarentena>;
  /** Of each raw record that was set aside, where it is in the new line; null: it has not been copied yet. */
  readonly #raw = new Map<string, Place | null>();
  /** The id in the new line by the one in the old. */
  readonly #ids = new Map<string, string>();

  private constructor(codec: Codec<Quarentena>) {
    this.#codec = codec;
  }

  /**
   * Reads what was set aside, and finds where in the new line each will stand: it is written there in the same order.
   * @throws CodedError COPIA_IMPOSSIVEL it is more than is kept in mind
   */
  static async read(reader: Reader, registry: Registry, target: Target, ends: Ends) {
    const count = [...ends.values()].reduce((sum, end) => sum + end, 0);
    if (count > MOST)
      throw new CodedError('COPIA_IMPOSSIVEL', `a quarentena tem ${count} registros: copiam-se até ${MOST}`);
    const one = new Quarantine(await codecFor(registry, TOPICO_DA_QUARENTENA));
    const next = [...target.ends(TOPICO_DA_QUARENTENA)];
    await readInOrder(reader, TOPICO_DA_QUARENTENA, ends, async (records) => {
      await one.#codec.prepareIds(records.map(({ value }) => value));
      for (const record of records) {
        const partition = target.partitionFor(TOPICO_DA_QUARENTENA, record);
        const offset = next[partition] ?? 0;
        next[partition] = offset + 1;
        one.#ids.set(idDe(record.partition, record.offset), idDe(partition, offset));
        const told = decodeOrNull(one.#codec, record.value);
        if (told !== null) one.#raw.set(coordenada(told), null);
      }
    });
    return one;
  }

  /** A raw record was copied. */
  copied(topic: string, { partition, offset }: Place, to: Place): void {
    const where = coordenada({ topico: topic, particao: partition, posicao: offset });
    if (this.#raw.has(where)) this.#raw.set(where, to);
  }

  /** The new line's id of a record in quarantine; undefined: the log has it no more. */
  idInNew(id: string): string | undefined {
    return this.#ids.get(id);
  }

  /** A record's headers in the new line: which record in quarantine it is a copy of is told by its id there. */
  headersInNew(headers: Old['headers']): Old['headers'] {
    const id = this.#ids.get(headers[WHICH]?.toString() ?? '');
    return id === undefined ? headers : { ...headers, [WHICH]: Buffer.from(id) };
  }

  /** The value of a record in quarantine in the new line. `prepare` comes before it. */
  inNew(value: Buffer | null): Buffer | null {
    const told = decodeOrNull(this.#codec, value);
    if (told === null) return value;
    const where = coordenada(told);
    // Of a raw record that the log has no more, a place where none stands.
    const { partition: particao, offset: posicao } = this.#raw.get(where) ?? { partition: 0, offset: -1 };
    const detalhe = told.detalhe.replace(where, coordenada({ topico: told.topico, particao, posicao }));
    return this.#codec.encode({ ...told, particao, posicao, detalhe, cabecalhos: this.headersInNew(told.cabecalhos) });
  }

  prepare(values: Iterable<Buffer | null>): Promise<void> {
    return this.#codec.prepareIds(values);
  }
}
