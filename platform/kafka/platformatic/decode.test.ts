import type { RecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { recordsOf } from './decode.ts';

const TRANSACTIONAL = 16;
const CONTROL = 32;
const LOG_APPEND_TIME = 8;

function batch(firstOffset: number, producerId: bigint, more: Partial<RecordsBatch> = {}, count = 1): RecordsBatch {
  const records = Array.from({ length: count }, (_, offsetDelta) => {
    const key = Buffer.from([0, 0, 0, 0]);
    return { length: 0, attributes: 0, timestampDelta: 5n, offsetDelta, key, value: null, headers: [] };
  });
  return {
    ...{ firstOffset: BigInt(firstOffset), length: 0, partitionLeaderEpoch: 0, magic: 2, crc: 0 },
    ...{ attributes: TRANSACTIONAL, lastOffsetDelta: count - 1, firstTimestamp: 1000n, maxTimestamp: 2000n },
    ...{ producerId, producerEpoch: 0, firstSequence: 0, records },
    ...more,
  };
}

const abort = (offset: number, producerId: bigint) =>
  batch(offset, producerId, { attributes: TRANSACTIONAL | CONTROL });

/** The offsets a reader sees who asked from `from` on. */
function visible(records: RecordsBatch[], aborted: [bigint, number][], from = 0): number[] {
  const abortedTransactions = aborted.map(([producerId, first]) => ({ producerId, firstOffset: BigInt(first) }));
  return recordsOf({ records, abortedTransactions }, from).records.map((record) => record.offset);
}

describe('recordsOf', () => {
  it('hides what an aborted transaction wrote, until its marker', () => {
    expect(visible([batch(0, 1n, {}, 2), batch(2, 2n), abort(3, 1n), batch(4, 1n)], [[1n, 0]])).toEqual([2, 4]);
  });

  it('hides it where the marker is not in the answer, and where one producer aborted twice', () => {
    expect(visible([batch(7, 1n), batch(8, 2n)], [[1n, 3]])).toEqual([8]);
    const twice: [bigint, number][] = [
      [1n, 0],
      [1n, 3],
    ];
    expect(visible([batch(0, 1n), abort(1, 1n), batch(2, 1n), batch(3, 1n), abort(4, 1n)], twice)).toEqual([2]);
  });

  it('leaves what is outside transactions alone', () => {
    expect(visible([batch(0, 1n, { attributes: 0 }), batch(1, 1n)], [[1n, 1]])).toEqual([0]);
  });

  it('goes on after the last offset there was, whatever compaction or a marker left of it', () => {
    expect(
      recordsOf({ records: [batch(0, 1n, { lastOffsetDelta: 9 }, 3)], abortedTransactions: null }, 2),
    ).toMatchObject({
      records: [{ offset: 2 }],
      next: 10,
    });
    expect(recordsOf({ records: [abort(12, 1n)], abortedTransactions: null }, 12)).toEqual({ records: [], next: 13 });
    expect(recordsOf({ records: null, abortedTransactions: null }, 4)).toEqual({ records: [], next: null });
  });

  it("gives the sender's time, or the broker's where the topic asks for it", () => {
    const times = (attributes: number) =>
      recordsOf({ records: [batch(0, 1n, { attributes })], abortedTransactions: null }, 0);
    expect(times(0).records[0]?.timestamp).toBe(1005);
    expect(times(LOG_APPEND_TIME).records[0]?.timestamp).toBe(2000);
  });
});
