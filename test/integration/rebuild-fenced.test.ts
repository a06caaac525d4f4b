import { afterAll, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { Geracoes, TRAVA_MS } from '#platform/estado/geracoes.ts';
import { descarta } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis } from '#platform/redis.ts';

/** A database of its own: the generations are those of a whole Redis. */
const redis = connectRedis(`${inject('redisUrl')}/1`, 'teste-fenced');
const TRAVA = '{geracao}:trava';
const geracoes = new Geracoes(redis);

beforeEach(async () => {
  await redis.flushdb();
});
afterAll(() => redis.disconnect());

/** One that sleeps from now on, its lock run out, and the one that took its place. */
async function trocaDeMaos(dorminhoco: Geracoes): Promise<Geracoes> {
  await redis.del(TRAVA);
  const outro = new Geracoes(redis);
  expect(await outro.toma()).toBe(true);
  expect(await dorminhoco.mantem()).toBe(false);
  return outro;
}

const deslocada = expect.objectContaining({ code: 'RECONSTRUCAO_DESLOCADA' });

test('who lost the lock names no generation and makes none live', async () => {
  const dorminhoco = new Geracoes(redis);
  await dorminhoco.toma();
  const outro = await trocaDeMaos(dorminhoco);
  expect(await outro.cria(0)).toBe('r1');
  const antes = await geracoes.situacao();
  await expect(dorminhoco.cria(0)).rejects.toEqual(deslocada);
  await expect(dorminhoco.troca('at', 'r1')).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toEqual(antes);
  await outro.troca('at', 'r1');
  await expect(dorminhoco.retomaAnterior('at')).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: 'at', nova: null, descartada: null });
});

test('who lost the lock, or means one that is live by now, removes nothing', async () => {
  const dorminhoco = new Geracoes(redis);
  await dorminhoco.toma();
  const nova = await dorminhoco.cria(0);
  await redis.set(`${nova}:{0}:pos`, 7);
  const outro = await trocaDeMaos(dorminhoco);
  const apagadas: number[] = [];
  const anota = (chaves: number) => void apagadas.push(chaves);
  await expect(dorminhoco.descarta('nova', nova, anota)).rejects.toEqual(deslocada);
  await outro.troca('at', nova);
  await expect(dorminhoco.descarta('nova', nova, anota)).rejects.toEqual(deslocada);
  await expect(outro.descarta('nova', nova, anota)).rejects.toEqual(deslocada);
  await expect(outro.descarta('anterior', nova, anota)).rejects.toEqual(deslocada);
  expect(apagadas).toEqual([]);
  expect(await redis.get(`${nova}:{0}:pos`)).toBe('7');
  expect(await geracoes.situacao()).toEqual({ viva: nova, anterior: 'at', nova: null, descartada: null });
});

test('a removal that lost the lock ends at the next page; another one ends it', async () => {
  const CHAVES = 5_000;
  const escrita = redis.pipeline();
  for (let n = 0; n < CHAVES; n += 1) escrita.set(`at:{0}:c:pf:${n}`, 'x');
  await escrita.exec();
  await redis.hset('{geracao}', { viva: 'r1', anterior: 'at' });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const perde = (apagadas: number): void => {
    if (apagadas > 0) return;
    void redis.set(TRAVA, 'outro');
    vi.advanceTimersByTime(TRAVA_MS);
  };
  await expect(descarta({ redis }, 'anterior', perde)).rejects.toEqual(deslocada);
  const restam = (await redis.keys('at:*')).length;
  expect(restam).toBeGreaterThan(0);
  expect(restam).toBeLessThan(CHAVES);
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: null, nova: null, descartada: 'at' });
  await redis.del(TRAVA);
  expect(await descarta({ redis }, 'anterior', () => {})).toEqual({ apagada: 'at' });
  expect(await redis.keys('at:*')).toEqual([]);
});

test('only what was built is made live, whatever is named the new one by then', async () => {
  await geracoes.toma();
  const nova = await geracoes.cria(0);
  // By hand, or by a Redis that went back.
  await redis.hset('{geracao}', 'nova', 'r9');
  await expect(geracoes.troca('at', nova)).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toMatchObject({ viva: 'at', nova: 'r9' });
});
