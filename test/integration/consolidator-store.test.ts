import { randomUUID } from 'node:crypto';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ofertaVazia, participacaoVazia } from '#domain/presenca.ts';
import { RetryableError } from '#platform/errors.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { PresenceStore } from '../../services/consolidator/store.ts';

const PF = `pf:${'A'.repeat(22)}`;

/** A store on the real Redis, and a partition that no other test writes. */
function open(): { redis: RedisConnection; store: PresenceStore; partition: number; id: string } {
  const redis = connectRedis(inject('redisUrl'), 'test');
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  const partition = Math.floor(Math.random() * 1e9);
  return { redis, store: new PresenceStore(redis, 0), partition, id: randomUUID() };
}

function offer(id: string) {
  const state = ofertaVazia(id);
  state.participacoes.set(PF, { ...participacaoVazia(PF), revisao: 3 });
  return new Map([[id, state]]);
}

test('what is committed is read back, whole or by participant, with its position', async () => {
  const { store, partition, id } = open();
  expect(await store.position(partition)).toBe(0);
  expect(await store.commit(partition, 0, 7, offer(id))).toBe(7);
  const all = await store.load(partition, new Map([[id, 'todos']]));
  expect(all).toEqual({ position: 7, offers: offer(id) });
  const one = await store.load(partition, new Map([[id, new Set([PF, 'pf:outro'])]]));
  expect(one).toEqual(all);
});

test('a commit against another position writes nothing, and tells where the shard stands', async () => {
  const { store, partition, id } = open();
  await store.commit(partition, 0, 7, new Map());
  expect(await store.commit(partition, 0, 9, offer(id))).toBe(7);
  const { offers } = await store.load(partition, new Map([[id, 'todos']]));
  expect(offers.get(id)).toEqual(ofertaVazia(id));
});

test('without memory in Redis a commit is to be tried again, and wrote nothing', async () => {
  const { redis, store, partition, id } = open();
  await store.position(partition);
  await redis.config('SET', 'maxmemory', '1');
  try {
    await expect(store.commit(partition, 0, 7, offer(id))).rejects.toThrow(RetryableError);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
  expect(await store.position(partition)).toBe(0);
  expect(await store.commit(partition, 0, 7, offer(id))).toBe(7);
});
