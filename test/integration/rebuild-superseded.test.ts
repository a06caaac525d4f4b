import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import type { Apuracao } from '#domain/apuracao.ts';
import { marcaDoLote } from '#platform/apuracoes.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import type { InputRecord } from '#platform/kafka/port.ts';
import { pendenciaDaApuracao, poeEmDia } from '#platform/reconstrucao/em-dia.ts';
import { reconstroi } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis } from '#platform/redis.ts';
import {
  adminDe,
  Bancada,
  dobraSimples,
  emLotes,
  le,
  partesDaReconstrucao,
  rulebooks,
  sorteiaLancamentos,
  totaisDe,
} from './aggregator-fixture.ts';
import { semApuracoes } from './seguidas.ts';
import { until } from './until.ts';

const PARTICOES = 2;
const [deAntes, deAgora] = [sorteiaLancamentos(1_000, 41), sorteiaLancamentos(1_200, 42)];

/** What apuração 0 decided, and behind it what apuração 1 did. */
const logs = emLotes(deAntes, PARTICOES, 10).map((antes, particao) => {
  const depois = emLotes(deAgora, PARTICOES, 10)[particao] ?? [];
  const [fim, marca] = [antes.at(-1)?.offset ?? 0, Object.entries(marcaDoLote(1))];
  const headers = Object.fromEntries(marca.map(([nome, valor]) => [nome, Buffer.from(valor)]));
  return [...antes, ...depois.map((r): InputRecord => ({ ...r, offset: r.offset + fim, headers }))];
});

/** A database of its own: the generations are those of a whole Redis. */
const redis = connectRedis(`${inject('redisUrl')}/1`, 'teste-superada');
const leitor = leitorDeEstado(redis, { particoes: PARTICOES });
const geracoes = new Geracoes(redis);

/** A rebuild's parts, over a line that has read all there is. */
function mundo() {
  const seguidas = semApuracoes(rulebooks);
  const { offsets, committed } = adminDe(logs);
  const vazio = () => logs.map((_, partition) => ({ partition, low: 0, high: 0 }));
  const admin = { committed, offsets: async (topico?: string) => (topico === 'lancamentos' ? offsets() : vazio()) };
  const partes = { ...partesDaReconstrucao(redis, logs), admin, seguidas };
  /** Apuração 1 comes into force. */
  const vigora = (): void => {
    const [rulebook = null] = rulebooks.todos();
    if (rulebook === null) throw new Error('há ao menos um');
    const limites = { interacoes: [], presencas: [] };
    const quando = { por: 'ana', em: 0, desde: 0, versao: rulebook.versao, rulebook: () => rulebook };
    const uma: Apuracao = { numero: 1, base: 0, estado: 'em-vigor', ...quando, limites };
    seguidas.apuracoes.registra(uma);
  };
  return { partes, vigora };
}

beforeEach(async () => {
  await redis.flushdb();
  await redis.hset('{geracao}', { viva: 'at' });
  const aggregator = new Bancada(PARTICOES).aggregator({ escritor: new EscritorDeEstado(redis) });
  await Promise.all(logs.map((log, particao) => le(aggregator, log, { particao })));
});
afterAll(() => redis.disconnect());

test('a state of before is made that of the apuração in force, and nothing of it is left', async () => {
  const { partes, vigora } = mundo();
  expect(await totaisDe(leitor)).toEqual(dobraSimples(deAntes));
  expect(await pendenciaDaApuracao(partes)).toBe(null);
  vigora();
  expect(await pendenciaDaApuracao(partes)).toBe('superada');
  expect(await poeEmDia(partes)).toMatchObject({ trocada: true, viva: 'r1.1', guardada: null });
  expect(await totaisDe(leitor)).toEqual(dobraSimples(deAgora));
  expect(await pendenciaDaApuracao(partes)).toBe(null);
  expect(await poeEmDia(partes)).toBe(null);
  expect(await redis.keys('at:*')).toEqual([]);
});

test('what was kept, or half built, of another apuração is removed, and stands in nobody’s way', async () => {
  const { partes, vigora } = mundo();
  await redis.hset('{geracao}', { anterior: 'r7', nova: 'r8', numero: 8 });
  await redis.mset({ 'r7:{0}:c:pf:a': 'x', 'r8:{0}:c:pf:a': 'x' });
  vigora();
  expect(await poeEmDia(partes)).toMatchObject({ trocada: true, viva: 'r9.1' });
  expect(await redis.keys('r[78]:*')).toEqual([]);
  expect(await geracoes.situacao()).toEqual({ viva: 'r9.1', anterior: null, nova: null, descartada: null });
});

test('what is left beside a state that is in force is removed too', async () => {
  const { partes, vigora } = mundo();
  vigora();
  await poeEmDia(partes);
  await redis.hset('{geracao}', { anterior: 'at' });
  await redis.mset({ 'at:{0}:c:pf:a': 'x', 'co:{p0}:pos': '3' });
  expect(await pendenciaDaApuracao(partes)).toBe('sobra');
  expect(await poeEmDia(partes)).toBe(null);
  expect(await redis.keys('at:*')).toEqual([]);
  expect(await redis.keys('co:*')).toEqual([]);
  expect(await totaisDe(leitor)).toEqual(dobraSimples(deAgora));
});

test('a removal that was cut short is gone on with, and so is what was half built of another apuração', async () => {
  const { partes, vigora } = mundo();
  vigora();
  await poeEmDia(partes);
  for (const sobra of [{ descartada: 'at' }, { nova: 'r7.2' }]) {
    await redis.hset('{geracao}', sobra);
    await redis.mset({ 'at:{0}:c:pf:a': 'x', 'r7.2:{0}:c:pf:a': 'x', 'co:{p0}:pos': '3' });
    expect(await pendenciaDaApuracao(partes)).toBe('sobra');
    await poeEmDia(partes);
    expect(await pendenciaDaApuracao(partes)).toBe(null);
    expect(await redis.keys('co:*')).toEqual([]);
    expect(await redis.keys(`${Object.values(sobra)}:*`)).toEqual([]);
    await redis.del('at:{0}:c:pf:a', 'r7.2:{0}:c:pf:a');
  }
  // What is being built of the one in force is a rebuild's that ends another time.
  await redis.hset('{geracao}', { nova: 'r8.1' });
  expect(await pendenciaDaApuracao(partes)).toBe(null);
});

test('nobody goes back to what another apuração decided', async () => {
  const { partes, vigora } = mundo();
  expect(await reconstroi(partes)).toMatchObject({ trocada: true, viva: 'r1', guardada: 'at' });
  vigora();
  await expect(reconstroi(partes, { volta: true })).rejects.toMatchObject({ code: 'GERACAO_DE_OUTRA_APURACAO' });
  expect(await geracoes.situacao()).toMatchObject({ viva: 'r1', anterior: 'at' });
  // Also one that was being gone back to by then.
  await redis.hset('{geracao}', { nova: 'at' });
  expect(await poeEmDia(partes)).toMatchObject({ trocada: true, viva: 'r2.1' });
  expect(await redis.keys('at:*')).toEqual([]);
});

test('a rebuild that waited for an application decides by what is in force then', async () => {
  const { partes, vigora } = mundo();
  await geracoes.toma();
  let espera = false;
  const progresso = (etapa: string) => {
    espera ||= etapa === 'espera';
  };
  const refeita = reconstroi(partes, { progresso });
  await until(async () => espera, 'the rebuild to wait', 10_000);
  vigora();
  await geracoes.solta();
  expect(await refeita).toMatchObject({ trocada: true, viva: 'r1.1' });
  expect(await totaisDe(leitor)).toEqual(dobraSimples(deAgora));
});
