import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { Geracoes } from '#platform/estado/geracoes.ts';
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
  expect(await outro.cria()).toBe('r1');
  const antes = await geracoes.situacao();
  await expect(dorminhoco.cria()).rejects.toEqual(deslocada);
  await expect(dorminhoco.troca('at', 'r1')).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toEqual(antes);
  await outro.troca('at', 'r1');
  await expect(dorminhoco.retomaAnterior('at')).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: 'at', nova: null, descartada: null });
});

test('only what was built is made live, whatever is named the new one by then', async () => {
  await geracoes.toma();
  const nova = await geracoes.cria();
  // By hand, or by a Redis that went back.
  await redis.hset('{geracao}', 'nova', 'r9');
  await expect(geracoes.troca('at', nova)).rejects.toEqual(deslocada);
  expect(await geracoes.situacao()).toMatchObject({ viva: 'at', nova: 'r9' });
});
