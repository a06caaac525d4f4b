import { Registry } from 'prom-client';
import { inject, onTestFinished } from 'vitest';
import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { codecFor } from '#platform/codec.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { Geracoes, varre } from '#platform/estado/geracoes.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { RunningConsumer, TopicPartition } from '#platform/kafka/port.ts';
import { createLogger } from '#platform/logging.ts';
import { prepare } from '#platform/prepare.ts';
import type { Reconstrucao } from '#platform/reconstrucao/reconstrucao.ts';
import { connectRedis } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { watchPositions } from '#platform/worker.ts';
import { Aggregator } from '../../services/aggregator/aggregator.ts';
import { criaMedidas } from '../../services/aggregator/medidas.ts';
import { rulebooks } from './aggregator-fixture.ts';
import { atendido } from './comando.ts';
import { consuming, kafka, unique, until } from './kafka-fixture.ts';
import { semApuracoes } from './seguidas.ts';

const registry = connectRegistry(inject('registryUrl'));
await prepare({ kafka, registry, partitions: 2, replicationFactor: 1 });
export const [lotes, clientesAtendidos] = await Promise.all([
  codecFor(registry, 'lancamentos'),
  codecFor(registry, 'clientes-atendidos'),
]);

const admin = await kafka.admin();
export const PARTICOES = await admin.partitionCount('lancamentos');
export const producer = await kafka.producer();
export const redis = connectRedis(inject('redisUrl'), 'teste-rebuild');
export const geracoes = new Geracoes(redis);
/** As the api reads: whatever is live. */
export const leitor = leitorDeEstado(redis, { particoes: PARTICOES });
export const leitorDa = (geracao: string) => leitorDeEstado(redis, { particoes: PARTICOES, geracao });
export const escritorDa = (geracao: string) => new EscritorDeEstado(redis, geracao);

/** What is left of any state. */
export async function esvazia(): Promise<void> {
  const sobras = (await redis.keys('*')).filter((chave) => /^(at:|r\d+:|\{geracao\})/.test(chave));
  if (sobras.length > 0) await redis.del(...sobras);
}

export async function fecha(): Promise<void> {
  await Promise.all([admin.close(), producer.close()]);
  redis.disconnect();
}

/** Everything sent to `lancamentos` so far: what every generation is to come to. */
export const enviados: Lancamento[] = [];

export async function envia(lancamentos: readonly Lancamento[], porLote = 10): Promise<void> {
  const particaoDe = (l: Lancamento): number => murmur2Partition(chaveDoLancamento(l), PARTICOES);
  const registros = [...Map.groupBy(lancamentos, particaoDe)].flatMap(([partition, entradas]) => {
    return Array.from({ length: Math.ceil(entradas.length / porLote) }, (_, n) => {
      const value = lotes.encode({ lancamentos: entradas.slice(n * porLote, (n + 1) * porLote) });
      return { topic: 'lancamentos', partition, key: null, value };
    });
  });
  enviados.push(...lancamentos);
  await producer.send(registros);
}

/**
 * An aggregator as main.ts wires it, over the generation that is live, with the look that main.ts has the worker take.
 * `deslocou`: whether any of its shards stands elsewhere than it believes.
 */
export async function aggregatorNoAr(): Promise<RunningConsumer & { deslocou(): Promise<boolean> }> {
  const escritor = new EscritorDeEstado(redis);
  const aggregator = new Aggregator({
    escritor,
    lotes,
    clientesAtendidos,
    seguidas: semApuracoes(rulebooks),
    medidas: criaMedidas(new Registry()),
  });
  const consumer = await consuming({
    groupId: unique('rebuild'),
    topics: ['lancamentos'],
    positionOf: (tp) => aggregator.assume(tp),
    concurrency: 2,
    onRound: (round) => aggregator.aplica(round),
    onRevoked: async (revogadas) => aggregator.larga(revogadas),
  });
  const hasMoved = (tp: TopicPartition) => aggregator.deslocou(tp);
  const log = createLogger('teste', 'silent');
  watchPositions(consumer, hasMoved, { log, onStop: (_, para) => onTestFinished(async () => para()) });
  const deslocou = async () => (await Promise.all(consumer.assignment().map(hasMoved))).some(Boolean);
  return { ...consumer, deslocou };
}

export const somaDe = (posicoes: ReadonlyMap<number, number>): number =>
  [...posicoes.values()].reduce((a, b) => a + b, 0);

/** Waits until the live state has applied everything sent. */
export async function noFim(): Promise<void> {
  const fins = await admin.offsets('lancamentos');
  await until(
    async () => {
      const posicoes = await leitor.posicoes();
      return fins.every(({ partition, high }) => (posicoes.get(partition) ?? 0) >= high);
    },
    'the live state at the end',
    120_000,
  );
}

export async function chavesDa(geracao: string): Promise<string[]> {
  const todas: string[] = [];
  for await (const chaves of varre(redis, `${geracao}:{*}:*`)) todas.push(...chaves);
  return todas;
}

/** The command itself, in a process of its own. */
export function rebuild(...argumentos: string[]) {
  const env = {
    ...process.env,
    KAFKA_BROKERS: inject('kafkaBrokers'),
    SCHEMA_REGISTRY_URL: inject('registryUrl'),
    REDIS_URL: inject('redisUrl'),
    ATENDIDO_HOME: inject('atendidoHome'),
  };
  const comando = atendido(['rebuild', ...argumentos], env);
  onTestFinished(() => void comando.processo.kill('SIGKILL'));
  return comando;
}

/** Runs the command to its end. @returns what it wrote as JSON, and how it ended */
export async function roda(...argumentos: string[]): Promise<{ codigo: number | null; resultado: Reconstrucao }> {
  const { codigo, saida, erros } = await rebuild(...argumentos, '--json').fim;
  if (saida === '') throw new Error(erros);
  return { codigo, resultado: JSON.parse(saida) };
}
