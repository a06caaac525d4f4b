import { setTimeout } from 'node:timers/promises';

/** Waits `ms` milliseconds, but no longer than until `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // It fails of nothing but the abort.
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

/** False where `work` has not ended within `ms` milliseconds: it is left to itself. @throws what it failed with by then */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const limit = new AbortController();
  try {
    return await Promise.race([work.then(() => true), setTimeout(ms, false, { signal: limit.signal })]);
  } finally {
    limit.abort();
  }
}
