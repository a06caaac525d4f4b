import { expect, it } from 'vitest';
import { redisDe } from '../esquecimento/redis-de-teste.ts';
import { limpaPresencas } from './limpeza.ts';

it('leaves the presences of the apuração in force alone: of those before, and of one that was given up, none', async () => {
  const de = (inicio: string) => [`${inicio}:{p0}:pos`, `${inicio}:{p0}:o:P`];
  const { redis, chaves } = redisDe({}, ['co', 'co.1', 'co.2', 'co.10'].flatMap(de));
  await limpaPresencas(redis, 2, () => {});
  expect(chaves()).toEqual(de('co.2'));
});
