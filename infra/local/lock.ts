import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from '#platform/config-pid.ts';

function holderOf(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}

/** The live process that has the pid file, or null. */
export function lockHolder(file: string): ProcessIdentity | null {
  const holder = holderOf(file);
  return holder && isAlive(holder) ? holder : null;
}

/**
 * Takes the pid file for this process: of several that try at once, one gets it. The file of a dead process is no
 * obstacle. Returns this process' identity, or null where another live one has it.
 */
export function takeLock(file: string): ProcessIdentity | null {
  const me = identify(process.pid);
  if (!me) throw new Error('this process does not find itself in the process table');
  const draft = `${file}.${me.pid}`;
  writeFileSync(draft, JSON.stringify(me));
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        // A link either takes the name with its content complete, or fails because the name is taken.
        linkSync(draft, file);
        return me;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (lockHolder(file)) return null;
      removeStale(file);
    }
    return null;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeStale(file: string): void {
  const aside = `${file}.velho.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    // Someone else has just removed it.
    return;
  }
  const removed = holderOf(aside);
  // Between reading and renaming, a new holder may have come: give it back.
  if (removed && isAlive(removed)) renameSync(aside, file);
  else rmSync(aside, { force: true });
}
