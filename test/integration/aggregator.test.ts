import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { estadoVazio } from '#domain/cliente.ts';
import { PoisonError } from '#platform/codec.ts';
import { RetryableError } from '#platform/errors.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { connectRedis } from '#platform/redis.ts';
import { Bancada, dobraSimples, emLotes, le, rodadaDe, sorteiaLancamentos, totaisDe } from './aggregator-fixture.ts';
import { gravados } from './state-fixture.ts';

const lancamentos = sorteiaLancamentos(600, 7);
const [log = []] = emLotes(lancamentos, 1, 20);
const esperado = dobraSimples(lancamentos);
const TP = { topic: 'lancamentos', partition: 0 };

test('the sample has what it is to test', () => {
  const { titulares, indicadores } = esperado;
  expect(Object.keys(titulares).some((t) => t.startsWith('ni:'))).toBe(true);
  expect(Object.keys(indicadores).length).toBeGreaterThan(100);
  expect(new Set(lancamentos.map((l) => `${l.source}|${l.id}`)).size).toBeLessThan(lancamentos.length);
  expect(log.length).toBeGreaterThan(20);
});

describe('the numbers are those of the plain fold', () => {
  test.each([1, 3, 1000])('read %i lots at a time', async (porVez) => {
    const bancada = new Bancada(1);
    await le(bancada.aggregator(), log, { porVez });
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
    expect((await bancada.leitor.posicoes()).get(0)).toBe((log.at(-1)?.offset ?? 0) + 1);
  });

  test('in four partitions', async () => {
    const bancada = new Bancada(4);
    const aggregator = bancada.aggregator();
    await Promise.all(emLotes(lancamentos, 4, 20).map((doShard, particao) => le(aggregator, doShard, { particao })));
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });

  test('when the same lots are delivered again', async () => {
    const bancada = new Bancada(1);
    const aggregator = bancada.aggregator();
    await aggregator.assume(TP);
    await aggregator.aplica(rodadaDe(log.slice(0, 10)));
    expect(await aggregator.aplica(rodadaDe(log.slice(0, 10)))).toEqual([]);
    await aggregator.aplica(rodadaDe(log.slice(5)));
    await le(bancada.aggregator(), log);
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });

  test('when the process dies between the read and the commit, at any lot', async () => {
    const bancada = new Bancada(1);
    for (let mortes = 0; mortes < 8; mortes++) {
      let publicacoes = 0;
      const aoPublicar = () => {
        if (++publicacoes === 2) throw new Error('morreu');
      };
      await expect(le(bancada.aggregator(), log, { porVez: 2, aoPublicar })).rejects.toThrow('morreu');
    }
    await le(bancada.aggregator(), log);
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });

  test('when Redis goes back to an older copy while we run', async () => {
    const bancada = new Bancada(1);
    const aggregator = bancada.aggregator();
    await le(aggregator, log.slice(0, 8));
    const restaura = await bancada.copia();
    await le(aggregator, log.slice(0, 20));
    await restaura();
    const fim = await aggregator.aplica(rodadaDe(log.slice(20)));
    expect(fim).toEqual([{ ...TP, offset: (log[7]?.offset ?? 0) + 1 }]);
    await aggregator.aplica(rodadaDe(log.slice(8)));
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });

  test('when Redis goes back in one partition, and the same round fails in another and is handed again', async () => {
    const bancada = new Bancada(2);
    const logs = emLotes(lancamentos, 2, 20);
    const aggregator = bancada.aggregator();
    const metades = logs.map((doShard) => doShard.slice(0, doShard.length / 2));
    const restos = logs.map((doShard) => doShard.slice(doShard.length / 2));
    await Promise.all(metades.map((metade, particao) => le(aggregator, metade, { particao })));
    await bancada.esvazia();
    const fimDaUm = (metades[1]?.at(-1)?.offset ?? 0) + 1;
    await bancada.redis.set(`${bancada.geracao}:{1}:pos`, fimDaUm);
    // Partition 0 is found at its beginning while the commit for partition 1 fails.
    const falha = () => Promise.reject(new RetryableError('Kafka'));
    const [zero, um] = restos.map((resto, particao) => rodadaDe(resto, particao, falha).batches[0]);
    if (zero === undefined || um === undefined) throw new Error('duas partições');
    const rodada = { batches: [zero, um], commit: falha };
    await expect(aggregator.aplica(rodada)).rejects.toThrow(RetryableError);
    expect(await aggregator.aplica({ ...rodada, commit: async () => {} })).toEqual([{ ...TP, offset: 0 }]);
    expect((await bancada.leitor.posicoes()).get(0)).toBe(0);
  });

  test('when Redis is emptied while we run', async () => {
    const bancada = new Bancada(1);
    let publicacoes = 0;
    const aggregator = bancada.aggregator();
    await le(aggregator, log.slice(0, 20));
    await bancada.esvazia();
    publicacoes = 0;
    const rodada = rodadaDe(log.slice(20), 0, () => void publicacoes++);
    expect(await aggregator.aplica(rodada)).toEqual([{ ...TP, offset: 0 }]);
    // What would have been told was folded into states that are gone.
    expect(publicacoes).toBe(0);
    await aggregator.aplica(rodadaDe(log));
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });
});

describe('two aggregators on one partition', () => {
  test('one that wakes up after the other has applied its lots writes nothing', async () => {
    const bancada = new Bancada(1);
    let acorda: () => void = () => {};
    const sono = new Promise<void>((resolve) => {
      acorda = resolve;
    });
    let dormiu: () => void = () => {};
    const dormindo = new Promise<void>((resolve) => {
      dormiu = resolve;
    });
    const zumbi = bancada.aggregator();
    await zumbi.assume(TP);
    // Its fold is made and only the commit is missing when the other takes over.
    const doZumbi = zumbi.aplica(
      rodadaDe(log.slice(0, 5), 0, () => {
        dormiu();
        return sono;
      }),
    );
    await dormindo;
    await le(bancada.aggregator(), log, { porVez: 2 });
    acorda();
    expect(await doZumbi).toEqual([{ ...TP, offset: (log.at(-1)?.offset ?? 0) + 1 }]);
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });

  test('both at work at once, in batches of other sizes', async () => {
    const bancada = new Bancada(1);
    const outra = connectRedis(inject('redisUrl'), 'teste-2');
    onTestFinished(() => outra.disconnect());
    const escritor = new EscritorDeEstado(outra, bancada.geracao);
    await Promise.all([
      le(bancada.aggregator(), log, { porVez: 1 }),
      le(bancada.aggregator({ escritor }), log, { porVez: 2 }),
      le(bancada.aggregator(), log, { porVez: 3 }),
    ]);
    expect(await totaisDe(bancada.leitor)).toEqual(esperado);
  });
});

describe('the commit', () => {
  const mudanca = {
    de: 0,
    para: 9,
    estados: gravados([]),
    indicadores: new Map([['i|2026|SP|total||clientes', 2]]),
    metricas: new Map([['jornada|LOGIN|curso|SP|app|2026-03-02', 1]]),
  };

  test('made again after its answer was lost counts once', async () => {
    const bancada = new Bancada(1);
    const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
    expect(await escritor.aplica(escritor.gravacao(0, mudanca))).toEqual({ kind: 'aplicada' });
    expect(await escritor.aplica(escritor.gravacao(0, mudanca))).toEqual({ kind: 'aplicada' });
    expect(await escritor.aplica(escritor.gravacao(0, { ...mudanca, para: 12 }))).toEqual({
      kind: 'deslocada',
      posicao: 9,
    });
    expect((await bancada.leitor.contadores()).indicadores.get('i|2026|SP|total||clientes')).toBe(2);
  });

  test('leaves no trace of a counter that went back to zero', async () => {
    const bancada = new Bancada(1);
    const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
    await escritor.aplica(escritor.gravacao(0, mudanca));
    const indicadores = new Map([['i|2026|SP|total||clientes', -2]]);
    await escritor.aplica(escritor.gravacao(0, { ...mudanca, de: 9, para: 10, indicadores }));
    const contadores = await bancada.leitor.contadores();
    expect(contadores.indicadores.size).toBe(0);
    expect([...contadores.metricas.values()]).toEqual([2]);
  });

  test('of more counters than one command takes is exact, up to the largest number there is', async () => {
    const bancada = new Bancada(1);
    const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
    const maior = Number.MAX_SAFE_INTEGER;
    const em = (quais: readonly number[]) => {
      return new Map(Array.from({ length: 450 }, (_, c) => [`i|2026|SP|unidade|${c}|clientes`, quais[c % 3] ?? 0]));
    };
    await escritor.aplica(escritor.gravacao(0, { ...mudanca, indicadores: em([maior - 1, 1 - maior, 3]) }));
    await escritor.aplica(escritor.gravacao(0, { ...mudanca, de: 9, para: 10, indicadores: em([1, -1, -3]) }));
    const esperados = [...em([maior, -maior, 0])].filter(([, n]) => n !== 0);
    expect((await bancada.leitor.contadores()).indicadores).toEqual(new Map(esperados));
  });

  test.each(['abc', '', 'nan', 'inf', '1.5', '9007199254740990', '-9223372036854775808'])(
    'onto a counter that holds "%s" is refused before it began, and goes through once that is mended',
    async (estragado) => {
      const bancada = new Bancada(1);
      const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
      const [grupo, campo] = [`${bancada.geracao}:{0}:ind:i|2026`, 'SP|total||clientes'];
      await escritor.aplica(escritor.gravacao(0, mudanca));
      await bancada.redis.hset(grupo, campo, estragado);
      const antes = await bancada.tudo();
      const indicadores = new Map([['i|2026|RJ|total||clientes', 1], ...mudanca.indicadores]);
      const proxima = escritor.gravacao(0, { ...mudanca, de: 9, para: 12, indicadores });
      const recusa = { code: 'CONTADOR_ILEGIVEL', message: expect.stringContaining(`${grupo} ${campo}`) };
      await expect(escritor.aplica(proxima)).rejects.toMatchObject(recusa);
      expect(await bancada.tudo()).toEqual(antes);
      await bancada.redis.hset(grupo, campo, '2');
      expect(await escritor.aplica(proxima)).toEqual({ kind: 'aplicada' });
      expect((await bancada.leitor.contadores()).indicadores).toEqual(
        new Map([
          ['i|2026|RJ|total||clientes', 1],
          ['i|2026|SP|total||clientes', 4],
        ]),
      );
    },
  );

  test('of more states than one command takes writes each under its own name', async () => {
    const bancada = new Bancada(1);
    const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
    const de = (c: number) => [{ ano: '2026', metrica: 'x', n: c + 1 }];
    const titulares = Array.from({ length: 450 }, (_, c) => `pf:${c}`);
    const estados = gravados(titulares.map((t, c) => [t, { ...estadoVazio(), outrasMetricas: de(c) }]));
    await escritor.aplica(escritor.gravacao(0, { ...mudanca, estados }));
    const lidos = (await escritor.le(0, titulares)).estados;
    expect(titulares.map((t) => lidos.le(t).outrasMetricas)).toEqual(titulares.map((_, c) => de(c)));
  });

  test('without memory in Redis is to be tried again, and wrote nothing', async () => {
    const bancada = new Bancada(1);
    const escritor = new EscritorDeEstado(bancada.redis, bancada.geracao);
    await escritor.posicao(0);
    await bancada.redis.config('SET', 'maxmemory', '1');
    try {
      await expect(escritor.aplica(escritor.gravacao(0, mudanca))).rejects.toThrow(RetryableError);
    } finally {
      await bancada.redis.config('SET', 'maxmemory', '0');
    }
    expect(await bancada.chaves()).toEqual([]);
    expect(await escritor.aplica(escritor.gravacao(0, mudanca))).toEqual({ kind: 'aplicada' });
  });

  test('with Redis away is to be tried again', async () => {
    const ninguem = connectRedis('redis://127.0.0.1:1', 'teste-3');
    ninguem.on('error', () => {});
    onTestFinished(() => ninguem.disconnect());
    const escritor = new EscritorDeEstado(ninguem);
    await expect(escritor.posicao(0)).rejects.toThrow(RetryableError);
    await expect(escritor.le(0, ['pf:x'])).rejects.toThrow(RetryableError);
    await expect(escritor.aplica(escritor.gravacao(0, mudanca))).rejects.toThrow(RetryableError);
  });
});

test('a lot that cannot be decoded is a bug, not a record to set aside', async () => {
  const bancada = new Bancada(1);
  const decodeSync = (): never => {
    throw new PoisonError('x');
  };
  const aggregator = bancada.aggregator({ lotes: { prepareIds: async () => {}, decodeSync } });
  await aggregator.assume(TP);
  const erro = await aggregator.aplica(rodadaDe(log.slice(0, 1))).catch((e: unknown) => e);
  expect(erro).toBeInstanceOf(PoisonError);
  expect(erro).not.toBeInstanceOf(RetryableError);
});
