import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { contadorDe, semDias } from '#domain/indicadores.ts';
import { ChavesDoShard, FORMA } from '#platform/estado/chaves.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { reconstroi } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis } from '#platform/redis.ts';
import {
  Bancada,
  dobraSimples,
  emLotes,
  le,
  partesDaReconstrucao,
  sorteiaLancamentos,
  totaisDe,
} from './aggregator-fixture.ts';
import { gravados } from './state-fixture.ts';

const PARTICOES = 2;
const lancamentos = sorteiaLancamentos(600, 77);
const logs = emLotes(lancamentos, PARTICOES, 10);
const esperado = dobraSimples(lancamentos);

/** A database of its own: the generations are those of a whole Redis. */
const redis = connectRedis(`${inject('redisUrl')}/4`, 'teste-forma');
const leitor = leitorDeEstado(redis, { particoes: PARTICOES });

beforeEach(async () => {
  await redis.flushdb();
});
afterAll(() => redis.disconnect());

const ehDia = (nome: string): boolean => contadorDe(nome).dimensao === 'primeiro';

/** Applies each partition's lots, up to a part of them. */
async function aplica(ate: number): Promise<void> {
  const aggregator = new Bancada(PARTICOES).aggregator({ escritor: new EscritorDeEstado(redis) });
  const parte = (log: (typeof logs)[number]) => log.slice(0, Math.ceil(log.length * ate));
  await Promise.all(logs.map((log, particao) => le(aggregator, parte(log), { particao })));
}

/** Makes of the state what a program left that kept no clients by day and knew of no form. */
async function envelhece(): Promise<void> {
  for (let n = 0; n < PARTICOES; n += 1) {
    const chaves = new ChavesDoShard(n);
    await redis.hdel(chaves.mudou, FORMA);
    for (const grupo of await redis.smembers(chaves.grupos)) {
      const dias = (await redis.hkeys(chaves.grupo(grupo))).filter((campo) => campo.startsWith('*|primeiro|'));
      if (dias.length > 0) await redis.hdel(chaves.grupo(grupo), ...dias);
    }
  }
}

test('the sample has clients by day, and some that move', () => {
  expect(Object.keys(esperado.indicadores).filter(ehDia).length).toBeGreaterThan(100);
});

test('a state that an older program began has clients and no days, until it is rebuilt', async () => {
  await aplica(0.5);
  expect((await leitor.contadores()).comDias).toBe(true);
  await envelhece();
  await aplica(1);
  const { comDias, indicadores } = await leitor.contadores();
  expect([comDias, Object.fromEntries([...indicadores].sort())]).toEqual([
    false,
    Object.fromEntries(semDias(new Map(Object.entries(esperado.indicadores)))),
  ]);
  const doAno = await leitor.indicador('clientes-atendidos', '2026');
  expect([doAno.length > 0, doAno.some((c) => c.dimensao === 'primeiro')]).toEqual([true, false]);
  // What it was rebuilt for is no difference.
  expect(await reconstroi(partesDaReconstrucao(redis, logs))).toMatchObject({ trocada: true, diferencas: [] });
  expect((await leitor.contadores()).comDias).toBe(true);
  expect(await totaisDe(leitor)).toEqual(esperado);
});

test('one that an older program went on with in between is whole no more', async () => {
  await aplica(1);
  const escritor = new EscritorDeEstado(redis);
  const posicao = await escritor.assume(0);
  // As a run of a program that says nothing of forms.
  await redis.set(new ChavesDoShard(0).posicao, posicao + 1);
  expect((await leitor.contadores()).comDias).toBe(false);
  const nada = { estados: gravados([]), indicadores: [], metricas: [] };
  await escritor.aplica(escritor.gravacao(0, { de: posicao + 1, para: posicao + 2, ...nada }));
  expect((await leitor.contadores()).comDias).toBe(false);
});
