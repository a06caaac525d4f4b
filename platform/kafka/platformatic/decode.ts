import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka';
import type { Piece } from '../brokers.ts';
import { type InputRecord, NO_HEADERS } from '../port.ts';
import { AT, FORMAT, HEAD_BYTES, LENGTH_ENDS, TRANSACTIONAL } from './batch.ts';

const COMPRESSION = 0b111;
const LOG_APPEND_TIME = 1 << 3;
const CONTROL = 1 << 5;
const ABORT = 0;

export interface AbortedTransaction {
  producerId: bigint;
  firstOffset: bigint;
}

/** Reads a record's fields one after the other, out of bytes that are whole. */
class Fields {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A zigzag varint of at most 10 bytes; numbers past 2^53 are no offsets or times of ours. */
  number(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & 0x7f;
    for (let scale = 128; byte >= 0x80; scale *= 128) {
      byte = bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.number();
    if (length < 0) return null;
    const start = this.at;
    this.at += length;
    if (this.at > this.#bytes.length) throw new Error('lote de registros cortado');
    return this.#bytes.subarray(start, this.at);
  }

  skipByte(): void {
    this.at += 1;
  }
}

function headers(fields: Fields): Readonly<Record<string, Buffer>> {
  const count = fields.number();
  if (count <= 0) return NO_HEADERS;
  const found: Record<string, Buffer> = {};
  for (let i = 0; i < count; i++) {
    const name = fields.bytes();
    const value = fields.bytes();
    // Of a header sent several times the last stands.
    if (name !== null && value !== null) found[name.toString()] = value;
  }
  return found;
}

/** The records of a batch, as they follow its head, unpacked. */
function body(batch: Buffer): Buffer {
  const packed = batch.subarray(HEAD_BYTES);
  const codec = batch.readInt16BE(AT.attributes) & COMPRESSION;
  if (codec === 0) return packed;
  const algorithm = compressionsAlgorithmsByBitmask[codec as keyof typeof compressionsAlgorithmsByBitmask];
  if (algorithm === undefined) throw new Error(`compressão desconhecida: ${codec}`);
  return algorithm.decompressSync(packed);
}

/** The records of one batch from offset `from` on. */
function records(batch: Buffer, from: number): InputRecord[] {
  const first = Number(batch.readBigInt64BE(0));
  const appended = (batch.readInt16BE(AT.attributes) & LOG_APPEND_TIME) !== 0;
  const time = Number(batch.readBigInt64BE(appended ? AT.lastTime : AT.firstTime));
  const fields = new Fields(body(batch));
  const found: InputRecord[] = [];
  for (let left = batch.readInt32BE(AT.count); left > 0; left--) {
    const length = fields.number();
    const end = fields.at + length;
    fields.skipByte();
    const delta = fields.number();
    const offset = first + fields.number();
    if (offset >= from) {
      const timestamp = appended ? time : time + delta;
      found.push({ offset, timestamp, key: fields.bytes(), value: fields.bytes(), headers: headers(fields) });
    }
    fields.at = end;
  }
  return found;
}

/** A control record's key is two int16: version and type. */
function isAbort(batch: Buffer): boolean {
  const fields = new Fields(body(batch));
  fields.number();
  fields.skipByte();
  fields.number();
  fields.number();
  return fields.bytes()?.readInt16BE(2) === ABORT;
}

/** Whole batches one after the other; the last one of an answer may have been cut off. */
function* batches(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + LENGTH_ENDS + bytes.readInt32BE(at + AT.length);
    if (end > bytes.length) return;
    const batch = bytes.subarray(at, end);
    const format = batch[AT.format];
    if (format !== FORMAT) throw new Error(`formato de registros desconhecido: ${format}`);
    yield batch;
    at = end;
  }
}

/** What an answer brought for one partition. */
export interface Answered {
  pieces: Piece[];
  /** The offset to go on at; null where it holds nothing. */
  next: number | null;
}

/**
 * Finds the batches of an answer from offset `from` on, still packed. Those of aborted transactions are left out, where
 * the broker named them, up to their marker.
 */
export function piecesOf(bytes: Buffer | null, aborted: readonly AbortedTransaction[] | null, from: number): Answered {
  const ordered = [...(aborted ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  const pieces: Piece[] = [];
  let next: number | null = null;
  let pending = 0;
  for (const batch of bytes === null ? [] : batches(bytes)) {
    const last = Number(batch.readBigInt64BE(0)) + batch.readInt32BE(AT.lastDelta);
    for (let t = ordered[pending]; t !== undefined && Number(t.firstOffset) <= last; t = ordered[++pending]) {
      open.add(t.producerId);
    }
    const following = Math.max(from, last + 1);
    next = following;
    const attributes = batch.readInt16BE(AT.attributes);
    const producer = batch.readBigInt64BE(AT.producer);
    if ((attributes & CONTROL) !== 0) {
      if (isAbort(batch)) open.delete(producer);
      // Whoever has read what stands before a marker stands behind it.
      const before = pieces.at(-1);
      if (before !== undefined) before.next = following;
    } else if (last >= from && ((attributes & TRANSACTIONAL) === 0 || !open.has(producer))) {
      pieces.push({ bytes: batch.length, next: following, records: () => records(batch, from) });
    }
  }
  return { pieces, next };
}
