import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const NOMES = ['chromium', 'google-chrome', 'chromium-browser', 'google-chrome-stable'];

const SAIDA =
  'there is no Chromium for the browser tests: install one (Debian, Ubuntu: `apt-get install chromium`), ' +
  'or say where it is: CHROMIUM_PATH=/path/to/chromium';

function onPath(): string | null {
  for (const name of NOMES) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return null;
}

async function run(command: string, ...args: string[]): Promise<boolean> {
  const child = spawn(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // apt tells its progress there: no run's output is mistaken for a test's.
    stdio: ['ignore', 2, 2],
  });
  const [code] = await once(child, 'exit').catch(() => [1]);
  return code === 0;
}

async function install(): Promise<void> {
  process.stderr.write('no Chromium on PATH: installing it with apt-get (some 100 MB, first time only)…\n');
  await run('apt-get', 'update', '-qq');
  await run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium');
}

/** Where a real Chromium is: CHROMIUM_PATH, else on PATH, else installed where that may be done. @throws Error naming the way out */
export async function findChromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH: there is no ${given}`);
  }
  const found = onPath();
  if (found !== null) return found;
  if (process.getuid?.() === 0) await install();
  const installed = onPath();
  if (installed === null) throw new Error(SAIDA);
  return installed;
}
