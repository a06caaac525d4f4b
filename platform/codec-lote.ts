import type avro from 'avsc';
import type { Lancamento } from '#domain/lancamento.ts';
import { HEADER_BYTES, header } from './codec.ts';
import { typeOf } from './codec-types.ts';

/** What a lot may hold; an entry that is larger by itself stands alone. */
export interface MostOfALot {
  /** Fewer than 8,192: their number is written in two bytes. */
  entries: number;
  bytes: number;
}

/** How many entries there are, as Avro has it in front of them. */
const COUNT_BYTES = 2;
/** Of a steady flow lots are small, and many. */
const FIRST_BYTES = 2 * 1024;
/** An Avro array ends in a block of none. */
const END = 0;

function typeOfEntries(): avro.Type {
  const lots = typeOf('LoteDeLancamentos') as avro.types.RecordType;
  return (lots.field('lancamentos').type as avro.types.ArrayType).itemsType;
}

/**
 * A value of `lancamentos` whose entries are written as they come: what the codec would give for all of them at once,
 * without holding them.
 */
export class LotWriter {
  readonly #schemaId: number;
  readonly #most: MostOfALot;
  readonly #type = typeOfEntries();
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = HEADER_BYTES + COUNT_BYTES;
  #entries = 0;

  constructor(schemaId: number, most: MostOfALot) {
    this.#schemaId = schemaId;
    this.#most = most;
  }

  /** @returns false: there is no room for it */
  add(entry: Lancamento): boolean {
    if (this.#entries === this.#most.entries) return false;
    let end = this.#type.encode(entry, this.#bytes, this.#at);
    // Up to the last byte is too far: the end takes one.
    if (end < 0 || end === this.#bytes.length) {
      this.#grow(Math.max(1, -end));
      end = this.#type.encode(entry, this.#bytes, this.#at);
    }
    if (end > this.#most.bytes && this.#entries > 0) return false;
    this.#entries += 1;
    this.#at = end;
    return true;
  }

  #grow(missing: number): void {
    const larger = Buffer.allocUnsafe(2 * (this.#bytes.length + missing));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  /** The whole of it; nothing is added any more. */
  end(): Buffer {
    const bytes = this.#bytes;
    const count = 2 * this.#entries;
    // Of a number that takes one byte, the first of the two is left out.
    const start = count < 128 ? 1 : 0;
    if (start === 0) bytes[HEADER_BYTES] = (count & 127) | 128;
    bytes[HEADER_BYTES + 1] = start === 0 ? count >> 7 : count;
    bytes.set(header(this.#schemaId), start);
    if (this.#entries === 0) return bytes.subarray(start, this.#at);
    bytes[this.#at] = END;
    return bytes.subarray(start, this.#at + 1);
  }
}
