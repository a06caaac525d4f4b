import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import { type Brokers, fetchAll, READ_COMMITTED } from './brokers.ts';
import { Fetcher } from './fetcher.ts';
import type { Cursor } from './port.ts';
import { FETCH } from './settings.ts';

/** A fetcher of partitions 0, 1, … of one topic, whose leaders (null: none) are the test's; of `dead` servers no fetch is answered. */
function world(leaders: (number | null)[], dead: ReadonlySet<number> = new Set()) {
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

describe('a partition without a leader', () => {
  it('is away by itself while the others are fetched, and is fetched once it has one', async () => {
    const { leaders, away, fetched } = world([null, 2]);
    await vi.waitFor(() => expect(fetched.get(1)).toBeGreaterThan(2));
    expect([...away]).toEqual([['líder de t/0', 't/0 está sem líder']]);
    expect(fetched.get(0)).toBeUndefined();
    leaders[0] = 1;
    await vi.waitFor(() => expect(fetched.get(0)).toBeGreaterThan(0));
    await vi.waitFor(() => expect(away.size).toBe(0));
  });

  it('holds up a reader only where nothing else is to be read', async () => {
    const asked: number[][] = [];
    const forget = vi.fn();
    const brokers = {
      leader: async ({ partition }: Cursor) => (partition === 0 ? null : 2),
      forget,
      fetchFrom: async (_node: number, cursors: readonly Cursor[]) => {
        asked.push(cursors.map(({ partition }) => partition));
        return [];
      },
    } as unknown as Brokers;
    const [none, led] = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })) as [Cursor, Cursor];
    await fetchAll(brokers, [none, led], READ_COMMITTED, FETCH);
    expect([asked, forget.mock.calls.length]).toEqual([[[1]], 1]);
    await expect(fetchAll(brokers, [none], READ_COMMITTED, FETCH)).rejects.toThrow('t/0 está sem líder');
  });
});
