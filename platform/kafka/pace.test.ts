import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pace } from './pace.ts';
import type { Cursor } from './port.ts';

const LOG = { debug() {}, info() {}, warn() {}, error() {} };
const [P, Q] = [
  { topic: 't', partition: 0 },
  { topic: 't', partition: 1 },
];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A group that cannot be told while `away`. */
function group() {
  const told: Cursor[][] = [];
  const state = { away: false, told };
  const pace = new Pace(async (cursors) => {
    if (state.away) throw new Error('fora');
    told.push([...cursors]);
  }, LOG);
  return { state, told, pace };
}

it('tells again what could not be told, though nothing more comes', async () => {
  const { state, told, pace } = group();
  state.away = true;
  pace.reached({ ...P, offset: 7 });
  await vi.advanceTimersByTimeAsync(60_000);
  state.away = false;
  await vi.advanceTimersByTimeAsync(11_000);
  expect(told).toEqual([[{ ...P, offset: 7 }]]);
});

it('tells where a partition is last, once', async () => {
  const { told, pace } = group();
  for (const offset of [1, 2, 3]) pace.reached({ ...P, offset });
  pace.reached({ ...Q, offset: 9 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([
    [
      { ...P, offset: 3 },
      { ...Q, offset: 9 },
    ],
  ]);
});

it('tells nothing more of a partition that went away, not of one that could not be told either', async () => {
  const { state, told, pace } = group();
  state.away = true;
  pace.reached({ ...P, offset: 7 });
  pace.reached({ ...Q, offset: 8 });
  await vi.advanceTimersByTimeAsync(1_000);
  pace.forget(P);
  state.away = false;
  await vi.advanceTimersByTimeAsync(11_000);
  expect(told).toEqual([[{ ...Q, offset: 8 }]]);
});

it('tells what is left when it is closed', async () => {
  const { told, pace } = group();
  pace.reached({ ...P, offset: 7 });
  await pace.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([[{ ...P, offset: 7 }]]);
});
