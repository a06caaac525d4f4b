import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { until } from '../integration/until.ts';
import { Rig } from './rig.ts';
import { trial } from './trial.ts';

const PATIENCE_MS = 60_000;

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
