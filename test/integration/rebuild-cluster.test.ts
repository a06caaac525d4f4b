import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nomeDoContador } from '#domain/indicadores.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { descarta, reconstroi } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { freePorts } from '../../infra/local/ports.ts';
import { Aggregator } from '../../services/aggregator/aggregator.ts';
import { criaMedidas } from '../../services/aggregator/medidas.ts';
import {
  clientesAtendidos,
  dobraSimples,
  emLotes,
  le,
  lotes,
  partesDaReconstrucao,
  rodadaDe,
  rulebooks,
  sorteiaLancamentos,
  totaisDe,
} from './aggregator-fixture.ts';
import { until } from './kafka-fixture.ts';
import { type OwnRedis, ownRedis } from './own-redis.ts';
import { semApuracoes } from './seguidas.ts';

const NOS = 3;
const SLOTS = 16_384;
const PARTICOES = 6;
const pasta = mkdtempSync(join(tmpdir(), 'atendido-cluster-'));
let servidores: OwnRedis;
let redis: RedisConnection;

beforeAll(async () => {
  servidores = await ownRedis(pasta);
  const portas = await freePorts(NOS);
  const nos = portas.map((porta, n) => {
    const opcoes = ['--port', porta, '--bind', '127.0.0.1', '--dir', pasta, '--save', '', '--cluster-enabled', 'yes'];
    const doNo = [...opcoes, '--cluster-config-file', `nos-${n}.conf`];
    servidores.start(doNo.map(String));
    return { porta, cliente: new Redis(porta, '127.0.0.1', { maxRetriesPerRequest: null }).on('error', () => {}) };
  });
  for (const [n, { cliente, porta }] of nos.entries()) {
    const [de, ate] = [Math.floor((n * SLOTS) / NOS), Math.floor(((n + 1) * SLOTS) / NOS)];
    await cliente.cluster('ADDSLOTS', ...Array.from({ length: ate - de }, (_, slot) => de + slot));
    await nos[0]?.cliente.cluster('MEET', '127.0.0.1', porta);
  }
  const pronto = async ({ cliente }: (typeof nos)[number]): Promise<boolean> => {
    const info = await cliente.cluster('INFO');
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NOS}`);
  };
  await until(async () => (await Promise.all(nos.map(pronto))).every(Boolean), 'the cluster is whole');
  for (const { cliente } of nos) cliente.disconnect();
  redis = connectRedis(nos.map(({ porta }) => `redis://127.0.0.1:${porta}`).join(','), 'teste-cluster');
}, 120_000);

afterAll(() => {
  redis?.disconnect();
  servidores?.stop();
  rmSync(pasta, { recursive: true, force: true });
});

test('in a Redis Cluster, its shards on three nodes: rebuilt, served, discarded', async () => {
  const lancamentos = sorteiaLancamentos(2_000, 21);
  const logs = emLotes(lancamentos, PARTICOES, 10);
  const medidas = criaMedidas(new Registry());
  const aggregator = new Aggregator({
    escritor: new EscritorDeEstado(redis),
    lotes,
    clientesAtendidos,
    seguidas: semApuracoes(rulebooks),
    medidas,
  });
  const metades = logs.map((log) => log.slice(0, log.length / 2));
  await Promise.all(metades.map((metade, particao) => le(aggregator, metade, { particao })));
  const nos = 'nodes' in redis ? redis.nodes('master') : [];
  expect(await Promise.all(nos.map(async (no) => (await no.keys('at:*')).length > 0))).toEqual([true, true, true]);

  const partes = partesDaReconstrucao(redis, logs);
  const feita = await reconstroi(partes);
  expect(feita).toMatchObject({ trocada: true, viva: 'r1', guardada: 'at', diferencas: [] });
  // The same aggregator, refused in every shard of the old generation, goes on in the new one.
  const recusas = async () => (await medidas.deslocadas.get()).values[0]?.value ?? 0;
  const antes = await recusas();
  const restos = logs.map((log, particao) =>
    log.filter(({ offset }) => offset > (metades[particao]?.at(-1)?.offset ?? 0)),
  );
  const rodadas = restos.map((resto, particao) => aggregator.aplica(rodadaDe(resto, particao)));
  const situadas = (await Promise.all(rodadas)).flat();
  expect((await recusas()) - antes).toBe(PARTICOES);
  expect(situadas.map(({ offset }) => offset)).toEqual(metades.map((metade) => (metade.at(-1)?.offset ?? 0) + 1));
  await Promise.all(logs.map((log, particao) => le(aggregator, log, { particao })));
  const leitor = leitorDeEstado(redis, { particoes: PARTICOES });
  const esperado = dobraSimples(lancamentos);
  expect(await totaisDe(leitor)).toEqual(esperado);
  // As the api reads: versions and counters of a shard in one step, on whichever node it is.
  const doAno = (await leitor.indicador('clientes-atendidos', '2026')).map(({ n, ...c }) => [nomeDoContador(c), n]);
  const nomes = Object.entries(esperado.indicadores).filter(([nome]) => nome.startsWith('clientes-atendidos|2026|'));
  expect(new Map(doAno as [string, number][])).toEqual(new Map(nomes));
  expect(await descarta({ redis }, 'anterior', () => {})).toEqual({ apagada: 'at' });
  expect((await Promise.all(nos.map((no) => no.keys('at:*')))).flat()).toEqual([]);
  expect(await totaisDe(leitor)).toEqual(dobraSimples(lancamentos));
});
