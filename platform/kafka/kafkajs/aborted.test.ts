import { describe, expect, it } from 'vitest';
import { hideAborted, type RawMessage } from './aborted.ts';

const ABORT_KEY = Buffer.from([0, 0, 0, 0]);
const COMMIT_KEY = Buffer.from([0, 0, 0, 1]);

function data(offset: number, producerId: string, inTransaction = true): RawMessage {
  return {
    offset: String(offset),
    timestamp: '0',
    key: ABORT_KEY,
    value: null,
    batchContext: { producerId, inTransaction },
  };
}

function marker(offset: number, producerId: string, key: Buffer): RawMessage {
  return { ...data(offset, producerId), key, isControlRecord: true };
}

/** The offsets a reader sees. */
function visible(messages: RawMessage[], aborted: { producerId: string; firstOffset: string }[]): number[] {
  hideAborted(messages, aborted);
  return messages.filter((m) => m.isControlRecord !== true).map((m) => Number(m.offset));
}

describe('hideAborted', () => {
  it('hides what lies between the start and the marker of an aborted transaction of that producer', () => {
    const log = [data(0, 'a'), data(1, 'b'), marker(2, 'a', ABORT_KEY), data(3, 'a'), marker(4, 'b', COMMIT_KEY)];
    expect(visible(log, [{ producerId: 'a', firstOffset: '0' }])).toEqual([1, 3]);
  });

  it('takes the list in the order transactions ended, as the broker gives it', () => {
    const log = [data(0, 'a'), data(1, 'b'), data(2, 'b'), marker(3, 'b', ABORT_KEY), data(4, 'a')];
    const aborted = [
      { producerId: 'b', firstOffset: '1' },
      { producerId: 'a', firstOffset: '0' },
    ];
    expect(visible(log, aborted)).toEqual([]);
  });

  it('hides from the first record on, where the fetch begins inside several transactions', () => {
    const log = [data(30, 'b'), data(31, 'a'), data(32, 'c')];
    const aborted = [
      { producerId: 'a', firstOffset: '10' },
      { producerId: 'b', firstOffset: '20' },
    ];
    expect(visible(log, aborted)).toEqual([32]);
  });

  it('leaves records outside transactions alone, whatever their key', () => {
    const log = [data(0, 'a', false), data(1, 'a')];
    expect(visible(log, [{ producerId: 'a', firstOffset: '1' }])).toEqual([0]);
  });
});
