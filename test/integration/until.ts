import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

/** A name that no other test uses. */
export const unique = (name: string) => `teste-${name}-${randomUUID().slice(0, 8)}`;

/** Waits for a state, never for a time. @param patience milliseconds */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patience = 40_000,
): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (await condition()) return;
    await setTimeout(20);
  }
  throw new Error(`still waiting: ${what}`);
}
