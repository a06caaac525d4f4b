import { compressionsAlgorithms, crc32c } from '@platformatic/kafka';
import { NO_HEADERS, type OutputRecord } from '../port.ts';
import type { Slice } from '../rounds.ts';
import { AT, FORMAT, HEAD_BYTES, LENGTH_ENDS, TRANSACTIONAL } from './batch.ts';

/** Who sends, where the broker is to know: within a transaction, with the sequence of its batches in each partition. */
export interface Sender {
  producerId: bigint;
  producerEpoch: number;
  sequence: number;
}

const LZ4 = 3;
const NOBODY: Sender = { producerId: -1n, producerEpoch: -1, sequence: -1 };
const NO_TIMES = { first: 0, latest: 0 };
/** Under this many bytes nothing is worth packing. */
const LEAST_PACKED = 256;

type Bytes = string | Buffer;

const sizeOf = (bytes: Bytes | null): number => (bytes === null ? 0 : Buffer.byteLength(bytes));

/** Bytes of a zigzag varint of a number that is not negative. */
function width(value: number): number {
  if (value < 64) return 1;
  if (value < 8_192) return 2;
  if (value < 1_048_576) return 3;
  return value < 134_217_728 ? 4 : 5;
}

/** A number that may be negative, or past 31 bits, as it is written: of two neighbours one is below zero. */
const zigzag = (value: number): number => (value >= 0 ? 2 * value : -2 * value - 1);

function zigzagWidth(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

const fieldSize = (bytes: Bytes | null): number => {
  const size = sizeOf(bytes);
  return width(size) + size;
};

function headersSize(headers: [string, Bytes][]): number {
  return headers.reduce((size, [name, value]) => size + fieldSize(name) + fieldSize(value), width(headers.length));
}

const NONE: [string, Bytes][] = [];

function entriesOf(headers: OutputRecord['headers']): [string, Bytes][] {
  return headers === undefined || headers === NO_HEADERS ? NONE : Object.entries(headers);
}

/** What a slice begins with; it grows. */
const FIRST_BYTES = 64 * 1024;
/**
 * The memory of slices that were sent, the smallest first: the next ones are about as large. Memory that is new costs
 * more than what is written to it, for each page of it is made when it is first touched.
 */
const pool: Buffer[] = [];
/** Together; a slice grows to twice this of a topic's largest record at most. */
const POOLED_BYTES = 16 * 1024 * 1024;
let pooled = 0;

/** At least so much memory: the least of what is there, or new. */
function memory(bytes: number): Buffer {
  const at = pool.findIndex(({ length }) => length >= bytes);
  const [found] = at < 0 ? [] : pool.splice(at, 1);
  pooled -= found?.length ?? 0;
  return found ?? Buffer.allocUnsafe(bytes);
}

function giveBack(bytes: Buffer): void {
  if (pooled + bytes.length > POOLED_BYTES) return;
  pooled += bytes.length;
  const at = pool.findIndex(({ length }) => length >= bytes.length);
  pool.splice(at < 0 ? pool.length : at, 0, bytes);
}

const NOTHING = Buffer.alloc(0);

/** Records as they stand in a batch, each written when it comes. */
export class PackedSlice implements Slice {
  readonly topic: string;
  readonly partition: number;
  #bytes = memory(FIRST_BYTES);
  #at = 0;
  #count = 0;
  #times: { first: number; latest: number } | null = null;
  /** Of the records that tell none: when the first of them came. */
  #now: number | null = null;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get count(): number {
    return this.#count;
  }

  /** Of its records; null: there are none. */
  get times(): { first: number; latest: number } | null {
    return this.#times;
  }

  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  add(record: OutputRecord): void {
    const { key, value } = record;
    const delta = this.#count++;
    const headers = entriesOf(record.headers);
    const since = this.#since(record.timestamp ?? this.#ofNow());
    // Attributes (a zero), the time's difference, then the place, key, value and headers.
    const size = 1 + zigzagWidth(since) + width(delta) + fieldSize(key) + fieldSize(value) + headersSize(headers);
    this.#reserve(size + 5);
    this.#number(size);
    this.#bytes[this.#at++] = 0;
    this.#long(since);
    this.#number(delta);
    this.#field(key);
    this.#field(value);
    this.#number(headers.length);
    for (const [name, content] of headers) {
      this.#field(name);
      this.#field(content);
    }
  }

  release(): void {
    if (this.#bytes !== NOTHING) giveBack(this.#bytes);
    this.#bytes = NOTHING;
    this.#at = 0;
    this.#count = 0;
    this.#times = null;
    this.#now = null;
  }

  /** Records with a time and without one may come together: calls are gathered. */
  #ofNow(): number {
    this.#now ??= Date.now();
    return this.#now;
  }

  /** By how much a record is later than the first one. */
  #since(timestamp: number): number {
    this.#times ??= { first: timestamp, latest: timestamp };
    this.#times.latest = Math.max(this.#times.latest, timestamp);
    return timestamp - this.#times.first;
  }

  #field(bytes: Bytes | null): void {
    this.#number(bytes === null ? -1 : sizeOf(bytes));
    if (typeof bytes === 'string') this.#at += this.#bytes.write(bytes, this.#at);
    else if (bytes !== null) this.#at += bytes.copy(this.#bytes, this.#at);
  }

  /** A zigzag varint of a number of 31 bits at most. */
  #number(value: number): void {
    let rest = (value << 1) ^ (value >> 31);
    for (; (rest & ~0x7f) !== 0; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  /** A zigzag varint of any integer. */
  #long(value: number): void {
    let rest = zigzag(value);
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = memory(2 * (this.#at + size));
    this.#bytes.copy(larger, 0, 0, this.#at);
    giveBack(this.#bytes);
    this.#bytes = larger;
  }
}

/**
 * One batch of records as a broker keeps it, packed with lz4. The client's own encoder makes several objects a record,
 * which is most of what sending costs (docs/kafka-clients.md).
 * @param sender within a transaction
 */
export function batchOf(slice: PackedSlice, sender: Sender | null): Buffer {
  const plain = slice.written;
  const packs = plain.length >= LEAST_PACKED;
  const packed = packs ? compressionsAlgorithms.lz4.compressSync(plain) : plain;
  const batch = Buffer.allocUnsafe(HEAD_BYTES + packed.length);
  packed.copy(batch, HEAD_BYTES);
  const { first, latest } = slice.times ?? NO_TIMES;
  const { producerId, producerEpoch, sequence } = sender ?? NOBODY;
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - LENGTH_ENDS, AT.length);
  batch.writeInt32BE(-1, AT.length + 4);
  batch[AT.format] = FORMAT;
  batch.writeInt16BE((packs ? LZ4 : 0) | (sender === null ? 0 : TRANSACTIONAL), AT.attributes);
  batch.writeInt32BE(slice.count - 1, AT.lastDelta);
  batch.writeBigInt64BE(BigInt(first), AT.firstTime);
  batch.writeBigInt64BE(BigInt(latest), AT.lastTime);
  batch.writeBigInt64BE(producerId, AT.producer);
  batch.writeInt16BE(producerEpoch, AT.epoch);
  batch.writeInt32BE(sequence, AT.sequence);
  batch.writeInt32BE(slice.count, AT.count);
  batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc);
  return batch;
}
