import { DynamicBuffer } from '@platformatic/dynamic-buffer';
import { createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputRecord } from '../port.ts';
import { type AbortedTransaction, piecesOf } from './decode.ts';
import { PackedSlice, batchOf as packed, type Sender } from './encode.ts';

const ATTRIBUTES_AT = 21;
const CONTROL = 32;
const LOG_APPEND_TIME = 8;

function batchOf(records: readonly OutputRecord[], sender: Sender | null): Buffer {
  const slice = new PackedSlice('t', 0);
  for (const record of records) slice.add(record);
  return packed(slice, sender);
}

const SENDER = { producerEpoch: 0, sequence: 0 };

/** A batch as the broker keeps it: at its offset, and with what it marks in the attributes. */
function stored(batch: Buffer, offset: number, attributes = 0, lastDelta?: number): Buffer {
  batch.writeBigInt64BE(BigInt(offset), 0);
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | attributes, ATTRIBUTES_AT);
  if (lastDelta !== undefined) batch.writeInt32BE(lastDelta, ATTRIBUTES_AT + 2);
  return batch;
}

function batch(offset: number, producerId: bigint, count = 1): Buffer {
  const records = Array.from({ length: count }, () => ({ topic: 't', key: 'k', value: Buffer.from('v') }));
  return stored(batchOf(records, { producerId, ...SENDER }), offset);
}

function marker(offset: number, producerId: bigint, type: number): Buffer {
  const record = { topic: 't', key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) };
  return stored(batchOf([record], { producerId, ...SENDER }), offset, CONTROL);
}

const abort = (offset: number, producerId: bigint) => marker(offset, producerId, 0);

/** The offsets a reader sees who asked from `from` on, and where it goes on. */
function read(batches: Buffer[], aborted: [bigint, number][] = [], from = 0) {
  const transactions: AbortedTransaction[] = aborted.map(([producerId, first]) => {
    return { producerId, firstOffset: BigInt(first) };
  });
  const { pieces, next } = piecesOf(Buffer.concat(batches), transactions, from);
  return { offsets: pieces.flatMap((piece) => piece.records().map((record) => record.offset)), next };
}

describe('the times of records', () => {
  it('are told as they were given, in whatever order and however far apart', () => {
    const times = [1_700_000_000_000, 1_600_000_000_000, 1_700_000_000_063, 1_700_000_000_064, 1_764_000_000_000];
    const records = times.map((timestamp) => ({ topic: 't', key: 'k', value: Buffer.from('v'), timestamp }));
    const packedOnes = stored(batchOf(records, null), 0);
    expect(packedOnes.readBigInt64BE(35)).toBe(1_764_000_000_000n);
    const { pieces } = piecesOf(packedOnes, [], 0);
    expect(pieces.flatMap((piece) => piece.records().map((one) => one.timestamp))).toEqual(times);
    const [theirs] = readRecordsBatches(Reader.from(packedOnes));
    expect(theirs?.records.map((one) => Number(theirs.firstTimestamp + one.timestampDelta))).toEqual(times);
  });

  it('are of now where none was given, also among those of other calls that tell theirs', () => {
    const before = Date.now();
    const times = [1_700_000_000_000, undefined, 1_600_000_000_000];
    for (const given of [times, times.toReversed(), [undefined, ...times]]) {
      const records = given.map((timestamp) => {
        return { topic: 't', key: 'k', value: null, ...(timestamp === undefined ? {} : { timestamp }) };
      });
      const { pieces } = piecesOf(stored(batchOf(records, null), 0), [], 0);
      const told = pieces.flatMap((piece) => piece.records().map((one) => one.timestamp));
      for (const [n, time] of given.entries()) {
        if (time !== undefined) expect(told[n]).toBe(time);
        else expect(told[n]).toBeGreaterThanOrEqual(before);
      }
    }
  });
});

describe('piecesOf', () => {
  it('hides what an aborted transaction wrote, until its marker', () => {
    const log = [batch(0, 1n, 2), batch(2, 2n), abort(3, 1n), batch(4, 1n)];
    expect(read(log, [[1n, 0]])).toEqual({ offsets: [2, 4], next: 5 });
  });

  it('hides it where the marker is not in the answer, and where one producer aborted twice', () => {
    expect(read([batch(7, 1n), batch(8, 2n)], [[1n, 3]]).offsets).toEqual([8]);
    const twice: [bigint, number][] = [
      [1n, 0],
      [1n, 3],
    ];
    const log = [batch(0, 1n), abort(1, 1n), batch(2, 1n), batch(3, 1n), abort(4, 1n)];
    expect(read(log, twice).offsets).toEqual([2]);
  });

  it('leaves what is outside transactions, and what was committed, alone', () => {
    const outside = stored(batchOf([{ topic: 't', key: null, value: null }], null), 0);
    expect(read([outside, batch(1, 1n)], [[1n, 1]]).offsets).toEqual([0]);
    expect(read([batch(0, 1n), marker(1, 1n, 1), batch(2, 1n)]).offsets).toEqual([0, 2]);
  });

  it('goes on after the last offset there was, whatever compaction or a marker left of it', () => {
    expect(read([stored(batch(0, 1n, 3), 0, 0, 9)], [], 2)).toEqual({ offsets: [2], next: 10 });
    expect(read([abort(12, 1n)], [], 12)).toEqual({ offsets: [], next: 13 });
    expect(read([], [], 4)).toEqual({ offsets: [], next: null });
  });

  it('has whoever read what stands before a marker go on behind it', () => {
    const log = [batch(0, 1n, 2), marker(2, 1n, 1), batch(3, 2n), batch(4, 3n), abort(5, 3n), marker(6, 2n, 1)];
    const { pieces, next } = piecesOf(Buffer.concat(log), [{ producerId: 3n, firstOffset: 4n }], 0);
    expect([pieces.map((piece) => piece.next), next]).toEqual([[3, 7], 7]);
  });

  it('leaves a batch that was cut off to the next answer', () => {
    const cut = batch(1, 1n).subarray(0, -1);
    expect(read([batch(0, 1n), cut])).toEqual({ offsets: [0], next: 1 });
  });

  it("gives the sender's time, or the broker's where the topic asks for it", () => {
    const at = 1_772_000_000_000n;
    const time = (attributes: number) => {
      const one = stored(batch(0, 1n), 0, attributes);
      one.writeBigInt64BE(at, ATTRIBUTES_AT + 6);
      one.writeBigInt64BE(at + 500n, ATTRIBUTES_AT + 14);
      return piecesOf(one, null, 0).pieces[0]?.records()[0]?.timestamp;
    };
    expect([time(0), time(LOG_APPEND_TIME)]).toEqual([Number(at), Number(at) + 500]);
  });
});

describe('the form of records', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b));
  const header = fc.tuple(fc.string({ minLength: 1, maxLength: 5 }), bytes);
  const record: fc.Arbitrary<OutputRecord> = fc.record({
    topic: fc.constant('t'),
    key: fc.oneof(fc.constant(null), bytes),
    value: fc.oneof(
      fc.constant(null),
      bytes,
      fc.integer({ min: 0, max: 70_000 }).map((n) => Buffer.alloc(n, 'x')),
    ),
    headers: fc.array(header, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
  });
  const records = fc.array(record, { minLength: 1, maxLength: 20 });
  const content = ({ key, value, headers = {} }: Pick<OutputRecord, 'key' | 'value' | 'headers'>) => {
    return { key, value, headers: { ...headers } };
  };

  it('is what we read of what we wrote', () => {
    fc.assert(
      fc.property(records, (all) => {
        const [piece] = piecesOf(batchOf(all, { producerId: 1n, ...SENDER }), null, 0).pieces;
        expect(piece?.records().map(content)).toEqual(all.map(content));
      }),
    );
  });

  it("is the client's own: it reads what we write, and we read what it writes", () => {
    fc.assert(
      fc.property(records, (all) => {
        const [theirs] = readRecordsBatches(
          Reader.from(batchOf(all, { producerId: 5n, producerEpoch: 3, sequence: 9 })),
        );
        expect(theirs).toMatchObject({ producerId: 5n, producerEpoch: 3, firstSequence: 9, magic: 2 });
        const read = theirs?.records.map(({ key, value, headers }) => {
          const pairs = headers.map(([name, bytes]) => [String(name), bytes]);
          return content({ key, value, headers: Object.fromEntries(pairs) });
        });
        expect(read).toEqual(all.map(content));
        const messages = all.map(({ key, value, headers = {} }) => {
          const pairs = Object.entries(headers).map(([name, bytes]): [Buffer, Buffer] => {
            return [Buffer.from(name), Buffer.from(bytes)];
          });
          const fields = { ...(key === null ? {} : { key: Buffer.from(key) }), headers: new Map(pairs) };
          return { topic: 't', partition: 0, value: value as Buffer, timestamp: 1n, ...fields };
        });
        const written = createRecordsBatch(messages, { compression: 'lz4' });
        const bytesOfTheirs = new DynamicBuffer(written.buffers).slice();
        expect(piecesOf(bytesOfTheirs, null, 0).pieces[0]?.records().map(content)).toEqual(all.map(content));
      }),
      { numRuns: 50 },
    );
  });
});
