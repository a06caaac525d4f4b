import { describe, expect, it } from 'vitest';
import { RecordTooLargeError } from './errors.ts';
import { MAX_BYTES, MAX_RECORD_BYTES, type Placed, rounds as roundsOf } from './rounds.ts';

const MAX_RECORDS = 500;
const rounds = (records: Placed[]) => roundsOf(records, MAX_RECORDS);

function record(partition: number, key: string, bytes = 10, topic = 't'): Placed {
  return { topic, partition, key, value: Buffer.alloc(bytes) };
}

describe('rounds', () => {
  it('sends everything at once where it fits', () => {
    expect(rounds([record(0, 'a'), record(1, 'b'), record(0, 'c')])).toHaveLength(1);
    expect(rounds([])).toEqual([]);
  });

  it('splits by count, by partition and topic apart, in order', () => {
    const many = Array.from({ length: MAX_RECORDS * 2 + 1 }, (_, i) => record(0, String(i)));
    const others = [record(1, 'x'), record(0, 'y', 10, 'u')];
    const split = rounds([...many, ...others]);
    expect(split.map((round) => round.length)).toEqual([MAX_RECORDS + 2, MAX_RECORDS, 1]);
    expect(split.flat().filter((r) => r.partition === 0 && r.topic === 't')).toEqual(many);
  });

  it('splits by bytes', () => {
    const split = rounds([1, 2, 3, 4, 5].map((key) => record(0, String(key), MAX_BYTES / 2 - 100)));
    expect(split.map((round) => round.length)).toEqual([2, 2, 1]);
  });

  it('sends a record larger than a round alone', () => {
    const split = rounds([record(0, 'a'), record(0, 'b', MAX_BYTES + 1), record(0, 'c')]);
    expect(split.map((round) => round.map((r) => r.key))).toEqual([['a'], ['b'], ['c']]);
  });

  it('refuses a record no topic takes, by name and size', () => {
    const tooLarge = () => rounds([record(0, 'a'), record(0, 'b', MAX_RECORD_BYTES)]);
    expect(tooLarge).toThrow(RecordTooLargeError);
    expect(tooLarge).toThrow(/^REGISTRO_GRANDE_DEMAIS: um registro de 2000031 bytes não cabe no tópico t$/);
  });
});
