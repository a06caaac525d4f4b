import { afterEach, describe, expect, it, vi } from 'vitest';
import { RetryableError } from '../../errors.ts';
import { type Edge, READ_COMMITTED } from '../brokers.ts';
import { OutOfRangeError } from '../errors.ts';
import type { Cursor, TopicPartition } from '../port.ts';
import { FETCH } from '../settings.ts';
import { Directory } from './directory.ts';

// Whoever is asked answers that its log does not reach there.
vi.mock('./fetch.ts', () => ({
  fetchFrom: async () => {
    throw new OutOfRangeError('OFFSET_OUT_OF_RANGE');
  },
}));

/** What comes of a fetch of partitions at these offsets, of which the leaders say that they hold 10 up to 20. */
async function outcome(...offsets: number[]): Promise<unknown> {
  const directory = new Directory({ brokers: ['127.0.0.1:1'], clientId: 'teste', rack: 'zona-1' });
  vi.spyOn(directory, 'edges').mockImplementation(async (places: readonly TopicPartition[], edge: Edge) => {
    return places.map(({ topic, partition }) => ({ topic, partition, offset: edge === 'first' ? 10 : 20 }));
  });
  const cursors = offsets.map((offset, partition): Cursor => ({ topic: 't', partition, offset }));
  try {
    return await directory.fetchFrom(2, cursors, READ_COMMITTED, FETCH);
  } catch (error) {
    return error;
  } finally {
    await directory.close();
  }
}

afterEach(() => vi.restoreAllMocks());

describe('an answer that the log does not reach there', () => {
  it('is of a replica that is a moment behind where the leader has it, also once it is not named any more', async () => {
    expect(await outcome(15)).toBeInstanceOf(RetryableError);
    expect(await outcome(10, 20)).toBeInstanceOf(RetryableError);
  });

  it('is the end where the leader says so too', async () => {
    expect(await outcome(21)).toBeInstanceOf(OutOfRangeError);
    expect(await outcome(9)).toBeInstanceOf(OutOfRangeError);
    expect(await outcome(15, 21)).toBeInstanceOf(OutOfRangeError);
  });
});
