import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { imageOf } from '../../infra/containers/images.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { DEFAULT_PORTS } from '../../infra/local/ports.ts';
import { redisServer } from '../../infra/local/redis-server.ts';

/** Redis servers of a test's own, by the way that TEST_INFRA says: the local stack's program, or the image of compose. */
export interface OwnRedis {
  /** Starts one more, with these options; whatever files they name are in the folder. */
  start(options: readonly string[]): void;
  stop(): void;
}

/** As any program of this machine: its ports, our folder under its own name, and us as the user. */
function ofImage(folder: string): OwnRedis {
  const names: string[] = [];
  return {
    start(options) {
      const name = `atendido-redis-${randomUUID()}`;
      names.push(name);
      const user = `${process.getuid?.()}:${process.getgid?.()}`;
      const where = ['--network', 'host', '--user', user, '--volume', `${folder}:${folder}`];
      const what = ['--entrypoint', 'redis-server', imageOf('REDIS_IMAGE')];
      execFileSync('docker', ['run', '--detach', '--name', name, ...where, ...what, ...options], { stdio: 'pipe' });
    },
    stop() {
      if (names.length > 0) execFileSync('docker', ['rm', '--force', '--volumes', ...names], { stdio: 'pipe' });
    },
  };
}

/** @param folder where they may write */
export async function ownRedis(folder: string): Promise<OwnRedis> {
  if (process.env.TEST_INFRA === 'containers') return ofImage(folder);
  const { command } = await redisServer(pathsOf(inject('atendidoHome')), DEFAULT_PORTS);
  const processes: ChildProcess[] = [];
  return {
    start: (options) => processes.push(spawn(command, options, { stdio: 'ignore' })),
    stop() {
      for (const one of processes) one.kill('SIGKILL');
    },
  };
}
