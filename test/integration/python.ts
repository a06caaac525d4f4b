import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf, PROJECT_ROOT } from '#platform/config.ts';

const EXAMPLE = join(PROJECT_ROOT, 'examples/bi');

const run = (command: string, args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(command, args, { encoding: 'utf8' });

/** What keeps Python from being used here; null: nothing does. */
export function pythonMissing(): string | null {
  if (run('python3', ['--version']).status !== 0) return 'python3 is not installed';
  if (run('python3', ['-c', 'import venv, ensurepip']).status !== 0) return 'python3 has no venv (python3-venv)';
  return null;
}

/**
 * A Python with what examples/bi asks for: in a venv that is made once, from the network, and used as it is from then on.
 * @throws Error it cannot be installed
 */
export function pythonOfTheExample(): string {
  const requirements = join(EXAMPLE, 'requirements.txt');
  const mark = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const venv = join(homeOf(), 'cache', `bi-python-${mark}`);
  const python = join(venv, 'bin/python');
  if (existsSync(join(venv, 'pronto'))) return python;
  mkdirSync(join(homeOf(), 'cache'), { recursive: true });
  rmSync(venv, { recursive: true, force: true });
  const made = run('python3', ['-m', 'venv', venv]);
  const installed = made.status === 0 ? run(python, ['-m', 'pip', 'install', '-q', '-r', requirements]) : made;
  if (installed.status === 0) {
    // Last: a venv without it was left half made.
    mkdirSync(join(venv, 'pronto'));
    return python;
  }
  rmSync(venv, { recursive: true, force: true });
  throw new Error(`the packages of examples/bi could not be installed (pip, network): ${installed.stderr}`);
}

export const CONSUMER = join(EXAMPLE, 'consumidor.py');
