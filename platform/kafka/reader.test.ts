import { describe, expect, it, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import { OutOfRangeError } from './errors.ts';
import { follow, logReader, readToEnd } from './reader.ts';

const TP = { topic: 't', partition: 0 };
const RECORD = { offset: 0, timestamp: 0, key: null, value: null, headers: {} };

/** A follower of one partition whose fetches are the test's, what it logged and what it handed over. */
async function following(fetchFrom: () => Promise<unknown>) {
  const warned: string[] = [];
  const seen: unknown[] = [];
  const brokers = {
    partitions: async () => [0],
    leader: async () => 1,
    edges: async () => [{ ...TP, offset: 0 }],
    forget() {},
    fetchFrom,
    close: async () => {},
  } as unknown as Brokers;
  const log = { debug() {}, info() {}, warn: (_: object, message: string) => void warned.push(message), error() {} };
  const follower = await follow(
    () => brokers,
    log,
    ['t'],
    (_tp, record) => void seen.push(record),
  );
  return { follower, warned, seen };
}

describe('a follower that stops', () => {
  it('does not sit out the pause after a failure', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { follower, warned } = await following(async () => {
      throw new RetryableError('Kafka fora');
    });
    // The fourth pause is longer than a stop waits.
    await vi.waitFor(() => expect(warned).toHaveLength(4), 10_000);
    await follower.stop();
    // Had it not ended, the stop would have given up on it.
    expect(new Set(warned)).toEqual(new Set(['leitura interrompida']));
    vi.restoreAllMocks();
  });

  it('hands over nothing that comes afterwards', async () => {
    const late = Promise.withResolvers<unknown>();
    const { follower, seen } = await following(() => late.promise);
    const stopping = follower.stop();
    late.resolve([{ cursor: { ...TP, offset: 0 }, next: 1, pieces: [{ bytes: 1, next: 1, records: () => [RECORD] }] }]);
    await stopping;
    expect(seen).toEqual([]);
  });
});

/** A log of five records whose first ones are gone once somebody asks for them. */
function cutWhileRead(lowAfter: number) {
  let low = 0;
  return {
    partitions: async () => [0],
    leader: async () => 1,
    edges: async (_: unknown, which: 'first' | 'end') => [{ ...TP, offset: which === 'first' ? low : 5 }],
    forget() {},
    fetchFrom: async (_: unknown, [cursor]: [{ offset: number }]) => {
      low = lowAfter;
      if (cursor.offset < low) throw new OutOfRangeError('gone');
      const records = [{ ...RECORD, offset: cursor.offset }];
      const next = cursor.offset + 1;
      return [{ cursor, next, pieces: [{ bytes: 1, next, records: () => records }] }];
    },
    close: async () => {},
  } as unknown as Brokers;
}

it('a log that retention cuts while it is read is read on from where it begins by then', async () => {
  const seen: number[] = [];
  const onBatch = ({ records }: { records: readonly { offset: number }[] }) =>
    void seen.push(...records.map(({ offset }) => offset));
  await readToEnd(cutWhileRead(3), 't', { onBatch });
  expect(seen).toEqual([3, 4]);
  await readToEnd(cutWhileRead(9), 't', { onBatch });
  expect(seen).toEqual([3, 4]);
});

it('a reader that keeps its connection asks anew who leads after a reading that failed, and is closed by who has it', async () => {
  const told: string[] = [];
  let away = true;
  const brokers = {
    ...cutWhileRead(0),
    partitions: async () => {
      if (away) throw new RetryableError('Kafka fora');
      return [0];
    },
    forget: () => void told.push('forget'),
    close: async () => void told.push('close'),
  } as unknown as Brokers;
  const reader = logReader(brokers);
  const seen: number[] = [];
  const onBatch = ({ records }: { records: readonly unknown[] }) => void seen.push(records.length);
  await expect(reader.readToEnd('t', { onBatch })).rejects.toThrow('Kafka fora');
  away = false;
  await reader.readToEnd('t', { onBatch });
  await reader.readToEnd('t', { from: new Map([[0, 5]]), onBatch });
  expect([told, seen.length]).toEqual([['forget'], 5]);
  await reader.close();
  expect(told).toEqual(['forget', 'close']);
});
