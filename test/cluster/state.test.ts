import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { DEFAULT_PORTS } from '../../infra/local/ports.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { Aggregator } from '../../services/aggregator/aggregator.ts';
import { criaMedidas } from '../../services/aggregator/medidas.ts';
import { retried } from '../faults/rig.ts';
import {
  clientesAtendidos,
  dobraSimples,
  emLotes,
  le,
  lotes,
  rodadaDe,
  rulebooks,
  sorteiaLancamentos,
  totaisDe,
} from '../integration/aggregator-fixture.ts';
import { semApuracoes } from '../integration/seguidas.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';
import { gravados } from '../integration/state-fixture.ts';
import { until } from '../integration/until.ts';
import { Move } from './move.ts';
import { MASTERS, Nodes } from './nodes.ts';

const PARTITIONS = 6;
let home: string;
let nodes: Nodes;
let redis: RedisConnection;

beforeAll(async () => {
  home = await temporaryHome();
  nodes = await Nodes.start((await redisServer(pathsOf(home), DEFAULT_PORTS)).command);
  redis = connectRedis(nodes.url, 'test-cluster');
  redis.on('error', () => {});
});
afterAll(async () => {
  redis?.disconnect();
  await nodes?.stop();
  await dispose(home);
});

const slotOf = async (partition: number) =>
  Number(await nodes.all[0]?.client.cluster('KEYSLOT', `at:{${partition}}:pos`));

function anAggregator(): Aggregator {
  const medidas = criaMedidas(new Registry());
  const escritor = new EscritorDeEstado(redis);
  return new Aggregator({ escritor, lotes, clientesAtendidos, seguidas: semApuracoes(rulebooks), medidas });
}

/** Empties the cluster: each test begins with nothing. */
async function empty(): Promise<void> {
  const owners = new Set(
    await Promise.all(Array.from({ length: PARTITIONS }, async (_, n) => nodes.ownerOf(await slotOf(n)))),
  );
  await Promise.all([...owners].map(({ client }) => client.flushall()));
}

test.each([6, 12, 24])('%i shards are on all three masters', async (partitions) => {
  const owners = await Promise.all(Array.from({ length: partitions }, async (_, n) => nodes.ownerOf(await slotOf(n))));
  expect(new Set(owners).size).toBe(MASTERS);
});

test('a slot on its way: a run is refused whole, not written half', async () => {
  const escritor = new EscritorDeEstado(redis);
  const [name = ''] = Object.keys(dobraSimples(sorteiaLancamentos(50, 1)).indicadores);
  const run = (de: number) => ({
    de,
    para: de + 1,
    estados: gravados([]),
    indicadores: [[name, 1]] as [string, number][],
    metricas: [],
  });
  await escritor.assume(0);
  expect(await escritor.aplica(escritor.gravacao(0, run(0)))).toEqual({ kind: 'aplicada' });
  const move = await Move.begin(nodes, await slotOf(0));
  const moved = (await move.keys()).filter((key) => key.includes(':ind:'));
  expect(moved).toHaveLength(1);
  await move.move(moved);
  // Position and groups are still where the script is sent to, the counters no more.
  await expect(escritor.aplica(escritor.gravacao(0, run(1)))).rejects.toThrow(RetryableError);
  expect(await retried(() => escritor.posicao(0))).toBe(1);
  await move.end(nodes);
  expect(await retried(() => escritor.aplica(escritor.gravacao(0, run(1))))).toEqual({ kind: 'aplicada' });
  const leitor = leitorDeEstado(redis, { particoes: PARTITIONS });
  expect((await retried(() => totaisDe(leitor))).indicadores).toEqual({ [name]: 2 });
});

test('a shard moved to another master while it is written: the numbers of every entry once', async () => {
  await empty();
  const entries = sorteiaLancamentos(2_000, 22);
  const logs = emLotes(entries, PARTITIONS, 10);
  const aggregator = anAggregator();
  await Promise.all(logs.map((log, particao) => le(aggregator, log.slice(0, log.length / 2), { particao })));
  const move = await Move.begin(nodes, await slotOf(1));
  const writing = Promise.all(logs.map((log, particao) => retried(() => le(aggregator, log, { particao }))));
  const keys = await move.keys();
  await move.move(keys.filter((_, n) => n % 2 === 0));
  await move.end(nodes);
  await writing;
  const leitor = leitorDeEstado(redis, { particoes: PARTITIONS });
  expect(await retried(() => totaisDe(leitor))).toEqual(dobraSimples(entries));
});

test('a master killed whose replica lacks the tail: the position goes back, and the numbers come right', async () => {
  await empty();
  const entries = sorteiaLancamentos(2_000, 23);
  const logs = emLotes(entries, PARTITIONS, 10);
  const aggregator = anAggregator();
  const half = logs.map((log) => log.slice(0, log.length / 2));
  await Promise.all(half.map((log, particao) => le(aggregator, log, { particao })));
  const slot = await slotOf(0);
  const master = await nodes.ownerOf(slot);
  const replica = nodes.partnerOf(master);
  await master.client.call('WAIT', 1, 5_000);
  replica.process.kill('SIGSTOP');
  // What waits in its socket would still be read: of a connection that is closed nothing more comes.
  await master.client.call('CLIENT', 'KILL', 'TYPE', 'replica');
  const position = async () => Number(await redis.get('at:{0}:pos'));
  const before = await position();
  await le(aggregator, logs[0]?.slice(0, -5) ?? [], { particao: 0 });
  const written = await position();
  expect(written).toBeGreaterThan(before);
  await nodes.kill(master);
  replica.process.kill('SIGCONT');
  await until(async () => (await nodes.ownerOf(slot)) === replica, 'the replica to take over');
  // The tail is really lost, and a round from where the aggregator believed to be is sent back to what there is.
  expect(await retried(position)).toBe(before);
  const next = logs[0]?.filter(({ offset }) => offset >= written) ?? [];
  expect(await retried(() => aggregator.aplica(rodadaDe(next, 0)))).toMatchObject([{ partition: 0, offset: before }]);
  await Promise.all(logs.map((log, particao) => retried(() => le(aggregator, log, { particao }))));
  const leitor = leitorDeEstado(redis, { particoes: PARTITIONS });
  expect(await retried(() => totaisDe(leitor))).toEqual(dobraSimples(entries));
});
