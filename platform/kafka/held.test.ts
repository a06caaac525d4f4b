import { expect, it } from 'vitest';
import { type Held, newHeld, putBack, takeRound } from './held.ts';

function holding(partition: number, records: number, more: Partial<Held> = {}): Held {
  const held = { ...newHeld({ topic: 't', partition }), ...more };
  const all = Array.from({ length: records }, (_, offset) => ({
    ...{ topic: 't', partition, offset, timestamp: 0, headers: {} },
    ...{ key: null, value: Buffer.alloc(10) },
  }));
  if (records > 0) held.queue.push({ bytes: records * 10, next: records, records: () => all });
  return held;
}

const SOME = { records: 5, bytes: 1_000 };
const taken = (free: Held[], budget = SOME) =>
  takeRound(free, { ...budget }).map(({ held, records, next }) => [held.partition, records.length, next]);

it('takes of those that have waited longest first, as much as a round may hold', () => {
  expect(taken([holding(0, 3, { turn: 2 }), holding(1, 4, { turn: 1 })])).toEqual([
    [1, 4, 4],
    [0, 1, 1],
  ]);
  expect(taken([holding(0, 9)], { records: 100, bytes: 25 })).toEqual([[0, 3, 3]]);
});

it('takes one record at least, however large', () => {
  expect(taken([holding(0, 2)], { records: 5, bytes: 1 })).toEqual([[0, 1, 1]]);
});

it('leaves one that failed to a round of its own, so that it holds up no other', () => {
  const failed = (turn: number) => holding(0, 1, { failures: 1, turn });
  expect(taken([failed(1), holding(1, 1, { turn: 2 })])).toEqual([[0, 1, 1]]);
  expect(taken([failed(3), holding(1, 1, { turn: 2 })])).toEqual([[1, 1, 1]]);
});

it('passes over what has nothing', () => {
  expect(taken([holding(0, 0, { failures: 1 }), holding(1, 1)])).toEqual([[1, 1, 1]]);
});

it('has the same records again, in order, once they were put back', () => {
  const held = holding(0, 8);
  const [first] = takeRound([held], { ...SOME });
  if (first === undefined) throw new Error('nothing was taken');
  putBack(first);
  const [again] = takeRound([held], { records: 100, bytes: 1_000 });
  expect(again?.records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(again?.next).toBe(8);
});
