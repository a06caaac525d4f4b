import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { until } from '../integration/until.ts';
import { Rig, SERVICES } from './rig.ts';
import { trial } from './trial.ts';

const run = promisify(execFile);
const PATIENCE_MS = 90_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

const says = (service: string, cause: RegExp) =>
  until(async () => cause.test((await rig.whyNot(service)) ?? ''), `${service} to say ${cause}`, PATIENCE_MS);

async function withRedis<T>(work: (redis: RedisConnection) => Promise<T>): Promise<T> {
  const redis = connectRedis(rig.config.redis, 'faults');
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe('Redis', () => {
  it('killed and started again', async () => {
    await trial(rig, { falha: 'Redis morto e reiniciado', seed: 40, vezes: 2 }, async () => rig.servers.kill('redis'));
  });

  it('away for a while: readiness names it', async () => {
    await trial(rig, { falha: 'Redis fora do ar por um tempo', seed: 41 }, async () => {
      const release = rig.servers.holdDown('redis');
      await Promise.all(['aggregator', 'consolidator', 'api'].map((service) => says(service, /redis/i)));
      await release();
    });
  });

  it('restored from an older file', async () => {
    const folder = join(rig.paths.data, 'redis');
    const copy = join(rig.paths.home, 'redis-antigo');
    await trial(rig, { falha: 'Redis restaurado de um arquivo antigo', seed: 42 }, async ({ load }) => {
      await cp(folder, copy, { recursive: true });
      const then = load.accepted.size;
      await until(() => load.accepted.size > then + 1_000, 'the line to go on', PATIENCE_MS);
      rig.servers.kill('redis', async () => {
        await rm(folder, { recursive: true });
        await cp(copy, folder, { recursive: true });
      });
    });
  });

  it('emptied', async () => {
    await trial(rig, { falha: 'Redis esvaziado (FLUSHALL)', seed: 43 }, async () => {
      await withRedis((redis) => redis.flushall());
    });
  });

  it('full: it refuses every write until there is room', async () => {
    await trial(rig, { falha: 'Redis sem memória (maxmemory noeviction)', seed: 44 }, async () => {
      await withRedis((redis) => redis.config('SET', 'maxmemory', '1mb'));
      await Promise.all(['aggregator', 'consolidator'].map((service) => says(service, /OOM/)));
      await withRedis((redis) => redis.config('SET', 'maxmemory', '0'));
    });
  });
});

describe('the registry', () => {
  it('killed and started again', async () => {
    await trial(rig, { falha: 'registro morto e reiniciado', seed: 60 }, async () => rig.servers.kill('registro'));
  });

  it('away: who knows the schemas goes on, who starts waits for it and says so', async () => {
    await trial(rig, { falha: 'registro fora, no meio e na partida', seed: 61 }, async ({ load }) => {
      const release = rig.servers.holdDown('registro');
      const before = load.accepted.size;
      await until(() => load.accepted.size > before + 300, 'the doors to go on', PATIENCE_MS);
      for (const name of SERVICES) rig.signal(name, 'SIGKILL');
      await Promise.all(SERVICES.map((name) => says(name, /registro/)));
      await release();
    });
  });
});

describe('Kafka', () => {
  it('killed and started again', async () => {
    await trial(rig, { falha: 'Kafka morto e reiniciado', seed: 50, vezes: 2 }, async () => rig.servers.kill('kafka'));
  });

  it('away for a while', async () => {
    await trial(rig, { falha: 'Kafka fora do ar por um tempo', seed: 52 }, async () => {
      const release = rig.servers.holdDown('kafka');
      await Promise.all(SERVICES.map((service) => rig.saysThatItWaits(service)));
      await release();
    });
  });

  // A file that may grow no more is to a broker what a full disk is: the write fails, and its log folder with it.
  it.skipIf(process.platform !== 'linux')('on a full disk', async () => {
    await trial(rig, { falha: 'Kafka sem disco (escrita recusada)', seed: 53 }, async () => {
      const full = rig.servers.pid('kafka');
      await run('prlimit', [`--pid=${full}`, '--fsize=4096:unlimited']);
      await until(
        () => !rig.servers.isUp('kafka') || rig.servers.pid('kafka') !== full,
        'the broker to give up',
        PATIENCE_MS,
      );
    });
  });
});
