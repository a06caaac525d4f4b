import { expect, it } from 'vitest';
import { RetryableError } from '../errors.ts';
import { GroupOffsets } from './group-offsets.ts';

const [P, Q] = [
  { topic: 't', partition: 0 },
  { topic: 't', partition: 1 },
];

it('takes no offset from a broker that is behind what was moved, until it knows', async () => {
  const told = [null, 4, 7, 9];
  const offsets = new GroupOffsets({ settled: async () => told.shift() ?? null }, 'g');
  offsets.moved([{ ...P, offset: 7 }]);
  await expect(offsets.settled(P)).rejects.toThrow(RetryableError);
  await expect(offsets.settled(P)).rejects.toThrow(RetryableError);
  expect(await offsets.settled(P)).toBe(7);
  // Another member moved it on.
  expect(await offsets.settled(P)).toBe(9);
});

it('takes what it is told where it moved nothing', async () => {
  const offsets = new GroupOffsets({ settled: async (_, { partition }) => (partition === 1 ? 5 : null) }, 'g');
  expect([await offsets.settled(P), await offsets.settled(Q)]).toEqual([null, 5]);
});
