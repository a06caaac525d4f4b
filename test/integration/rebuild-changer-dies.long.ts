import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { GERACAO_INICIAL } from '#platform/estado/chaves.ts';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { connectRedis } from '#platform/redis.ts';
import { dobraSimples, sorteiaLancamentos, totaisDe } from './aggregator-fixture.ts';
import {
  aggregatorNoAr,
  envia,
  enviados,
  escritorDa,
  esvazia,
  fecha,
  leitor,
  noFim,
  PARTICOES,
  rebuild,
  somaDe,
} from './rebuild-fixture.ts';

beforeAll(esvazia);
afterAll(fecha);

test('a changer that dies between stopping and changing holds the line up no longer than its lock', async () => {
  await aggregatorNoAr();
  await envia(sorteiaLancamentos(200, 1, 'antes'));
  await noFim();
  const conexao = connectRedis(inject('redisUrl'), 'teste-morto');
  onTestFinished(() => conexao.disconnect());
  const morto = new Geracoes(conexao);
  expect(await morto.toma()).toBe(true);
  for (let n = 0; n < PARTICOES; n += 1) await escritorDa(GERACAO_INICIAL).para(n);
  const parado = somaDe(await leitor.posicoes());
  await envia(sorteiaLancamentos(200, 2, 'parado'));
  const outra = rebuild('status');
  expect((await outra.fim).codigo).toBe(0);
  expect(somaDe(await leitor.posicoes())).toBe(parado);
  await noFim();
  expect(await totaisDe(leitor)).toEqual(dobraSimples(enviados));
});
