import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config-home.ts';

/** What a command came to; `signal`: what killed it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** Starts `atendido` in a process of its own. */
export function atendido(args: readonly string[], env: Record<string, string> = {}) {
  const main = join(PROJECT_ROOT, 'services/cli/main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [output, errors]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    return { code, signal, output: output.join(''), errors: errors.join('') };
  });
  return { child, ended, errors: () => errors.join('') };
}
