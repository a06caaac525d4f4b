import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import { type Brokers, READ_COMMITTED } from './brokers.ts';
import { Fetcher } from './fetcher.ts';
import type { Cursor } from './port.ts';
import { FETCH } from './settings.ts';

/** A fetcher of partitions 0, 1, … of one topic, whose leaders are the test's; of `dead` servers no fetch is answered. */
function world(leaders: number[], dead: ReadonlySet<number>) {
  const cursors = leaders.map((_, partition): Cursor => ({ topic: 't', partition, offset: 0 }));
  const away = new Map<string, string>();
  const fetched = new Map<number, number>();
  const fatal: unknown[] = [];
  const brokers = {
    leader: async ({ partition }: Cursor) => leaders[partition],
    forget() {},
    fetchFrom: async (node: number, asked: readonly Cursor[]) => {
      if (dead.has(node)) throw new RetryableError(`o servidor ${node} não responde`);
      return asked.map((cursor) => ({ cursor, next: cursor.offset + 1, pieces: [] }));
    },
    close: async () => {},
  } as unknown as Brokers;
  const fetcher = new Fetcher(brokers, READ_COMMITTED, FETCH, {
    wanted: () => cursors,
    held: () => cursors,
    fetched: ({ partition }) => void fetched.set(partition, (fetched.get(partition) ?? 0) + 1),
    away: (what, cause) => void (cause === null ? away.delete(what) : away.set(what, cause.message)),
    fatal: (error) => void fatal.push(error),
  });
  onTestFinished(async () => {
    await fetcher.close();
    expect(fatal).toEqual([]);
  });
  fetcher.pump();
  return { leaders, away, fetched };
}

describe('a server that is away', () => {
  it('is not waited for once another leads its partitions', async () => {
    const { leaders, away, fetched } = world([1, 2], new Set([1]));
    await vi.waitFor(() => expect([...away]).toEqual([['servidor 1', 'o servidor 1 não responde']]));
    expect(fetched.get(0)).toBeUndefined();
    leaders[0] = 2;
    await vi.waitFor(() => expect(away.size).toBe(0));
    await vi.waitFor(() => expect(fetched.get(0)).toBeGreaterThan(0));
  });
});
