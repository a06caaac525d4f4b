import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started: opaque, only compared. */
  inicio: string;
}

function fromProc(pid: number): string | null {
  // The name in parentheses may hold spaces and parentheses: what follows the last one is fixed.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie is dead, and only waits for a parent to read its exit code, once its last thread has ended: until then its ports
  // and locks are held.
  return fields[0] === 'Z' && Number(fields[17]) <= 1 ? null : `${bootId()}-${fields[19]}`;
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return boot;
}

function fromPs(pid: number): string | null {
  try {
    const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: environment,
    });
    const [state, ...started] = line.trim().split(/\s+/);
    return !state || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    // ps exits 1 for a process that is not there.
    return null;
  }
}

/** When the process started (Linux: ticks since this boot; elsewhere: `ps`), or null where no live one has the number. */
export function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return fromPs(pid);
  try {
    return fromProc(pid);
  } catch {
    return null;
  }
}

/** The identity of a live process, or null. */
export function identify(pid: number): ProcessIdentity | null {
  const inicio = startOf(pid);
  return inicio === null ? null : { pid, inicio };
}

/** Whether this very process still runs. */
export function isAlive({ pid, inicio }: ProcessIdentity): boolean {
  return startOf(pid) === inicio;
}
