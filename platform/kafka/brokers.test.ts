import { describe, expect, it } from 'vitest';
import { type FetchedLog, READ_COMMITTED, READ_UNCOMMITTED, stepsOf } from './brokers.ts';
import type { Cursor } from './port.ts';

/** Of a log whose last stable offset is 50 and whose end is 60, asked from `offset`; next null: nothing came. */
function fetched(offset: number, next: number | null): FetchedLog<Cursor> {
  const cursor = { topic: 't', partition: 0, offset };
  return { cursor, pieces: [], empty: next === null, next, lastStableOffset: 50, highWatermark: 60 };
}

const nexts = (answer: FetchedLog<Cursor>[], isolation: typeof READ_COMMITTED | typeof READ_UNCOMMITTED) =>
  stepsOf(answer, isolation).map(({ next }) => next);

describe('where a reader goes on', () => {
  it('is after what came', () => {
    expect(nexts([fetched(10, 20), fetched(30, 31)], READ_COMMITTED)).toEqual([20, 31]);
  });

  it('is the end it may see where nothing came at all, and never behind', () => {
    expect(nexts([fetched(10, null), fetched(55, null)], READ_COMMITTED)).toEqual([50, 55]);
    expect(nexts([fetched(10, null)], READ_UNCOMMITTED)).toEqual([60]);
  });

  it('is where it was in a partition that an answer full of others had no room for', () => {
    expect(nexts([fetched(10, 20), fetched(30, null)], READ_COMMITTED)).toEqual([20, 30]);
  });
});
