import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '#platform/config-pid.ts';

/** Polls until the process is gone; false where it still runs after `limitMs`. */
export async function waitUntilGone(target: ProcessIdentity, limitMs: number): Promise<boolean> {
  const limit = Date.now() + limitMs;
  while (isAlive(target)) {
    if (Date.now() > limit) return false;
    await wait(50);
  }
  return true;
}

/** Sends a signal to this very process; does nothing where it is gone or its number is now another's. */
export function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** SIGTERM, then SIGKILL after `limitMs`. Returns once it is gone. */
export async function stopProcess(target: ProcessIdentity, limitMs = 10_000): Promise<void> {
  signal(target, 'SIGTERM');
  if (await waitUntilGone(target, limitMs)) return;
  signal(target, 'SIGKILL');
  await waitUntilGone(target, 5_000);
}
