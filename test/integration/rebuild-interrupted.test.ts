import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { descarta, type Etapa, type OpcoesDaReconstrucao, reconstroi } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import {
  adminDe,
  Bancada,
  dobraSimples,
  emLotes,
  kafkaDe,
  le,
  partesDaReconstrucao,
  sorteiaLancamentos,
  totaisDe,
} from './aggregator-fixture.ts';

const PARTICOES = 2;
const lancamentos = sorteiaLancamentos(2_000, 31);
const logs = emLotes(lancamentos, PARTICOES, 10);
/** A database of its own: the generations are those of a whole Redis. */
const redis = connectRedis(`${inject('redisUrl')}/1`, 'teste-interrupted');
const geracoes = new Geracoes(redis);
const leitor = leitorDeEstado(redis, { particoes: PARTICOES });
const partes = partesDaReconstrucao(redis, logs);
const roda = (opcoes: OpcoesDaReconstrucao = {}, outras: Partial<typeof partes> = {}) =>
  reconstroi({ ...partes, ...outras }, opcoes);

/** Ends it at a step, as Ctrl-C does. */
async function interrompe(etapa: Etapa, opcoes: OpcoesDaReconstrucao = {}): Promise<void> {
  const parada = new AbortController();
  const progresso = (qual: Etapa) => {
    if (qual === etapa) parada.abort(new Error('Ctrl-C'));
  };
  await expect(roda({ ...opcoes, sinal: parada.signal, progresso })).rejects.toThrow('Ctrl-C');
}

/** The whole ledger applied to what is live. */
async function aplicaTudo(): Promise<void> {
  const aggregator = new Bancada(PARTICOES).aggregator({ escritor: new EscritorDeEstado(redis) });
  await Promise.all(logs.map((log, particao) => le(aggregator, log, { particao })));
}

beforeEach(async () => {
  await redis.flushdb();
  const metades = logs.map((log) => log.slice(0, log.length / 2));
  const aggregator = new Bancada(PARTICOES).aggregator({ escritor: new EscritorDeEstado(redis) });
  await Promise.all(metades.map((metade, particao) => le(aggregator, metade, { particao })));
  expect(await roda()).toMatchObject({ trocada: true, viva: 'r1', guardada: 'at' });
  await aplicaTudo();
});
afterAll(() => redis.disconnect());

const posicoes = (geracao: string) => redis.mget([0, 1].map((n) => `${geracao}:{${n}}:pos`));
const parada = expect.stringMatching(/^#\d+$/);
const andando = expect.stringMatching(/^\d+$/);

/** Calls `faz` while the live shards are stopped. */
function noMeioDaTroca(faz: () => Promise<void>): Pick<typeof partes, 'kafka'> {
  const kafka = kafkaDe(logs);
  return {
    kafka: {
      async readToEnd(topico, opcoes) {
        if ((await posicoes('r1')).every((posicao) => posicao?.startsWith('#'))) await faz();
        return kafka.readToEnd(topico, opcoes);
      },
    },
  };
}

const inacabada = expect.objectContaining({ code: 'RECONSTRUCAO_INACABADA' });

test.each(['construcao', 'comparacao', 'troca'] as const)('going back, ended at %s, is gone on with', async (etapa) => {
  await interrompe(etapa, { volta: true });
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: 'at', nova: 'at', descartada: null });
  // It is no rebuild from the beginning, and not to be thrown away while it is gone back to.
  await expect(roda()).rejects.toEqual(inacabada);
  await expect(descarta({ redis }, 'anterior', () => {})).rejects.toEqual(inacabada);
  expect(await roda({ volta: true })).toMatchObject({ trocada: true, viva: 'at', guardada: 'r1', diferencas: [] });
  expect(await geracoes.situacao()).toEqual({ viva: 'at', anterior: 'r1', nova: null, descartada: null });
  expect(await totaisDe(leitor)).toEqual(dobraSimples(lancamentos));
});

test('going back, cancelled, keeps the old one', async () => {
  await interrompe('construcao', { volta: true });
  expect(await descarta({ redis }, 'nova', () => {})).toEqual({ guardada: 'at' });
  expect(await geracoes.situacao()).toEqual({ viva: 'r1', anterior: 'at', nova: null, descartada: null });
  expect(await redis.keys('at:*')).not.toEqual([]);
  await expect(descarta({ redis }, 'nova', () => {})).rejects.toMatchObject({ code: 'SEM_GERACAO_NOVA' });
  expect(await roda({ volta: true })).toMatchObject({ trocada: true, viva: 'at', guardada: 'r1' });
  expect(await totaisDe(leitor)).toEqual(dobraSimples(lancamentos));
});

test('what fails in the middle of the change lets the live shards go on', async () => {
  const falha = noMeioDaTroca(() => Promise.reject(new Error('falhou')));
  await expect(roda({ volta: true }, falha)).rejects.toThrow('falhou');
  expect(await posicoes('r1')).toEqual([andando, andando]);
});

test('not where another one took the lock: it may be about to change', async () => {
  const falha = noMeioDaTroca(async () => {
    await redis.set('{geracao}:trava', 'outro');
    throw new Error('falhou');
  });
  await expect(roda({ volta: true }, falha)).rejects.toThrow('falhou');
  expect(await posicoes('r1')).toEqual([parada, parada]);
});

test('nor where another generation is live by now', async () => {
  const falha = noMeioDaTroca(async () => {
    await redis.hset('{geracao}', 'viva', 'r9');
    throw new Error('falhou');
  });
  await expect(roda({ volta: true }, falha)).rejects.toThrow('falhou');
  expect(await posicoes('r1')).toEqual([parada, parada]);
});

/** A connection that breaks at the change: before it came to Redis, or before the answer came back. */
function quebraNaTroca(quando: 'antes' | 'depois'): RedisConnection {
  return new Proxy(redis, {
    get(alvo, nome) {
      const valor: unknown = Reflect.get(alvo, nome);
      if (nome !== 'mudaPapeis') return typeof valor === 'function' ? valor.bind(alvo) : valor;
      return async (...argumentos: Parameters<RedisConnection['mudaPapeis']>) => {
        const troca = argumentos.includes('viva');
        const resposta = troca && quando === 'antes' ? 0 : await alvo.mudaPapeis(...argumentos);
        if (troca) throw new Error('Connection is closed.');
        return resposta;
      };
    },
  });
}

test('a change whose answer was lost on its way was made', async () => {
  const feita = await roda({ volta: true }, { redis: quebraNaTroca('depois') });
  expect(feita).toMatchObject({ trocada: true, viva: 'at', guardada: 'r1' });
  expect(await posicoes('r1')).toEqual([parada, parada]);
  expect(await totaisDe(leitor)).toEqual(dobraSimples(lancamentos));
});

test('one that never came to Redis was not, and the live shards go on', async () => {
  await expect(roda({ volta: true }, { redis: quebraNaTroca('antes') })).rejects.toThrow(RetryableError);
  expect(await posicoes('r1')).toEqual([andando, andando]);
  expect(await roda({ volta: true })).toMatchObject({ trocada: true, viva: 'at' });
});

test('a ledger that lost its end, which the live state had applied, is told and changes nothing', async () => {
  await descarta({ redis }, 'anterior', () => {});
  const encurtados = logs.map((log) => log.slice(0, -1));
  const feita = roda({}, { kafka: kafkaDe(encurtados), admin: adminDe(encurtados) });
  await expect(feita).rejects.toMatchObject({ code: 'LANCAMENTOS_PERDIDOS' });
  expect(await posicoes('r1')).toEqual([andando, andando]);
  // With its end back it goes on where it was.
  expect(await roda()).toMatchObject({ trocada: true, viva: 'r2', guardada: 'r1', diferencas: [] });
});
