import { describe, expect, it } from 'vitest';
import { RecordTooLargeError } from './errors.ts';
import { murmur2Partition } from './partitioner.ts';
import type { OutputRecord } from './port.ts';
import { MAX_BYTES, MAX_RECORD_BYTES, Placer, type Slice } from './rounds.ts';

const MAX_RECORDS = 500;
/** A slice that keeps what it is given. */
class Kept implements Slice {
  readonly topic: string;
  readonly partition: number;
  readonly records: OutputRecord[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get count(): number {
    return this.records.length;
  }

  add(record: OutputRecord): void {
    this.records.push(record);
  }

  release(): void {}
}

const placer = new Placer(async () => [0, 1, 2, 3], {
  maxRecords: MAX_RECORDS,
  slice: (topic, partition) => new Kept(topic, partition),
});

/** The records of each send. */
async function rounds(records: OutputRecord[]): Promise<OutputRecord[][]> {
  return (await placer.place(records)).rounds.map((slices) => slices.flatMap((slice) => slice.records));
}

function record(partition: number, key: string, bytes = 10, topic = 't'): OutputRecord {
  return { topic, partition, key, value: Buffer.alloc(bytes) };
}

describe('rounds', () => {
  it('sends everything at once where it fits', async () => {
    expect(await rounds([record(0, 'a'), record(1, 'b'), record(0, 'c')])).toHaveLength(1);
    expect(await rounds([])).toEqual([]);
  });

  it('splits by count, by partition and topic apart, in order', async () => {
    const many = Array.from({ length: MAX_RECORDS * 2 + 1 }, (_, i) => record(0, String(i)));
    const others = [record(1, 'x'), record(0, 'y', 10, 'u')];
    const split = await rounds([...many, ...others]);
    expect(split.map((round) => round.length)).toEqual([MAX_RECORDS + 2, MAX_RECORDS, 1]);
    expect(split.flat().filter((r) => r.partition === 0 && r.topic === 't')).toEqual(many);
  });

  it('splits by bytes', async () => {
    const split = await rounds([1, 2, 3, 4, 5].map((key) => record(0, String(key), MAX_BYTES / 2 - 100)));
    expect(split.map((round) => round.length)).toEqual([2, 2, 1]);
  });

  it('sends a record larger than a round alone', async () => {
    const split = await rounds([record(0, 'a'), record(0, 'b', MAX_BYTES + 1), record(0, 'c')]);
    expect(split.map((round) => round.map((r) => r.key))).toEqual([['a'], ['b'], ['c']]);
  });

  it('gives a record the partition of its key, and one without key the next in turn', async () => {
    const places = async (...keys: (string | null)[]) => {
      const slices = (await placer.place(keys.map((key) => ({ topic: 'k', key, value: null })))).rounds.flat();
      return slices.map(({ partition, records }) => [partition, records.length]);
    };
    const byKey = murmur2Partition('cliente', 4);
    expect(await places('cliente', 'cliente')).toEqual([[byKey, 2]]);
    const [[first = -1] = []] = await places(null);
    expect(await places(null, null)).toEqual([[(first + 1) % 4, 2]]);
  });

  it('leaves it to the broker, where that is asked for, which record is too large', async () => {
    const maker = { maxRecords: MAX_RECORDS, slice: (topic: string, partition: number) => new Kept(topic, partition) };
    const any = new Placer(async () => [0], maker, Number.POSITIVE_INFINITY);
    const { rounds: laid } = await any.place([record(0, 'a'), record(0, 'b', 2 * MAX_RECORD_BYTES), record(0, 'c')]);
    expect(laid.map(([slice]) => slice?.records.map(({ key }) => key))).toEqual([['a'], ['b'], ['c']]);
  });

  it('refuses a record no topic takes, by name and size', async () => {
    const tooLarge = () => rounds([record(0, 'a'), record(0, 'b', MAX_RECORD_BYTES)]);
    await expect(tooLarge).rejects.toThrow(RecordTooLargeError);
    await expect(tooLarge).rejects.toThrow(
      /^REGISTRO_GRANDE_DEMAIS: um registro de 2000031 bytes não cabe no tópico t$/,
    );
  });
});
