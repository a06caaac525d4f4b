import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '#platform/config.ts';
import type { Paths } from './paths.ts';
import type { Ports } from './ports.ts';
import { probeRedis } from './probes.ts';
import type { ProcessSpec } from './process-spec.ts';

const run = promisify(execFile);

/** Whether `redis-server --version` tells of 6.2 or newer. */
export function isRecentEnough(versionText: string): boolean {
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(versionText) ?? [];
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2);
}

async function onPath(): Promise<boolean> {
  try {
    return isRecentEnough((await run('redis-server', ['--version'])).stdout);
  } catch {
    return false;
  }
}

/** The file of this platform among those the jar brings, e.g. `redis-server-6.2.6-v5-linux-amd64`. */
export function bundledName(names: readonly string[], platform: string, arch: string): string | undefined {
  const suffix = `-${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  return names.find((name) => name.startsWith('redis-server-') && name.endsWith(suffix));
}

async function commandFor(paths: Paths): Promise<string> {
  if (await onPath()) return 'redis-server';
  const folder = join(paths.servers, 'redis');
  const name = bundledName(readdirSync(folder), process.platform, process.arch);
  if (!name) {
    const where = `${process.platform}/${process.arch}`;
    throw new CodedError('REDIS_INDISPONIVEL', `não há Redis para ${where}: instale redis-server 6.2 ou mais novo`);
  }
  const file = join(folder, name);
  chmodSync(file, 0o755);
  return file;
}

/** Redis that keeps every write in an append-only file; PATH's where it is recent enough, else the downloaded one. */
export async function redisServer(paths: Paths, ports: Ports): Promise<ProcessSpec> {
  const folder = join(paths.data, 'redis');
  const options: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(ports.redis),
    dir: folder,
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    // Rewritten less often than by default (64 MB): under load each rewrite takes as much as the writing itself.
    'auto-aof-rewrite-min-size': '512mb',
    // Longer ones are searched from their beginning for each counter: by default up to 512, for hardly any memory.
    'hash-max-ziplist-entries': '128',
    'maxmemory-policy': 'noeviction',
  };
  return {
    nome: 'redis',
    tipo: 'servidor',
    porta: ports.redis,
    endereco: `redis://127.0.0.1:${ports.redis}`,
    command: await commandFor(paths),
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    env: {},
    cwd: paths.home,
    before: async () => {
      mkdirSync(folder, { recursive: true });
    },
    probe: (pid) => probeRedis(ports.redis, pid),
    readyWithinMs: 90_000,
  };
}
