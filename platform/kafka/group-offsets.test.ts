import { afterEach, expect, it, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import { GroupOffsets } from './group-offsets.ts';

const [P, Q] = [
  { topic: 't', partition: 0 },
  { topic: 't', partition: 1 },
];

afterEach(() => void vi.useRealTimers());

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

it('ends where the group stays behind: it was taken back', async () => {
  vi.useFakeTimers();
  const offsets = new GroupOffsets({ settled: async () => 4 }, 'g');
  offsets.moved([{ ...P, offset: 7 }]);
  for (let waited = 0; waited <= 120_000; waited += 10_000) {
    await expect(offsets.settled(P)).rejects.toThrow(RetryableError);
    vi.advanceTimersByTime(10_000);
  }
  await expect(offsets.settled(P)).rejects.toMatchObject({ code: 'POSICAO_FORA_DO_LOG' });
});

it('counts no wait together with one of long before', async () => {
  vi.useFakeTimers();
  const offsets = new GroupOffsets({ settled: async () => 4 }, 'g');
  offsets.moved([{ ...P, offset: 7 }]);
  for (let asked = 0; asked < 4; asked++) {
    await expect(offsets.settled(P)).rejects.toThrow(RetryableError);
    vi.advanceTimersByTime(61_000);
  }
});
