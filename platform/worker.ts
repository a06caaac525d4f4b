import { setTimeout } from 'node:timers/promises';
import { type ApuracoesSeguidas, followApuracoes, TOPICO_DAS_APURACOES } from './apuracoes.ts';
import type { Unneeded } from './config.ts';
import type { RedisConfig } from './config-redis.ts';
import { RetryableError } from './errors.ts';
import { startHealthServer } from './health.ts';
import { vigia } from './http/vigia.ts';
import { createKafka } from './kafka/index.ts';
import type { ConsumerOptions, Kafka, KafkaAdmin, RunningConsumer, TopicPartition } from './kafka/port.ts';
import { runService, type ServiceContext } from './lifecycle.ts';
import { Readiness } from './readiness.ts';
import { connectRedis, everyNodeAnswers, type RedisConnection } from './redis.ts';
import { connectRegistry, type Registry } from './registry.ts';
import { endsWithin } from './stopping.ts';

/** What a service that reads Kafka stands on. */
export interface Worker extends Pick<ServiceContext, 'log' | 'onStop'> {
  /** Consumer group, client id and prefix of transactional ids. */
  group: string;
  readiness: Readiness;
  kafka: Kafka;
  /** Closed after all that the service stops of its own. */
  admin: KafkaAdmin;
  registry: Registry;
  seguidas: ApuracoesSeguidas;
  /** A connection that tells readiness when it is lost and when it is back. */
  connectRedis(): RedisConnection;
}

/** What the service reads, and what it does with a batch; the rest of a consumer is the same for all. */
export type WorkerInput = Omit<ConsumerOptions, 'groupId' | 'onFatal' | 'onWaiting'> & {
  /**
   * Whether the position kept elsewhere is another than where we stand: a Redis that lost its tail, or all, while there
   * is nothing to read. Asked now and then; a batch finds out by itself.
   */
  hasMoved?: (tp: TopicPartition) => Promise<boolean>;
};

const LOOK_MS = 2_000;
/** So long what Kafka is asked with is waited for at the end. */
const CLOSE_MS = 1_000;

/** Repositions a partition that was found elsewhere on two looks running: once may be a commit just under way. */
export function watchPositions(
  consumer: RunningConsumer,
  hasMoved: NonNullable<WorkerInput['hasMoved']>,
  { log, onStop }: Pick<ServiceContext, 'log' | 'onStop'>,
): void {
  let suspects = new Set<string>();
  const look = async (): Promise<void> => {
    const found = new Set<string>();
    for (const tp of consumer.assignment()) {
      const name = `${tp.topic}/${tp.partition}`;
      if (!(await hasMoved(tp))) continue;
      if (!suspects.has(name)) found.add(name);
      else {
        log.warn({ ...tp }, 'a posição guardada é outra: leio de novo desde ela');
        consumer.reposition(tp);
      }
    }
    suspects = found;
  };
  const stopped = new AbortController();
  onStop('posições', () => stopped.abort());
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await setTimeout(LOOK_MS, undefined, { ref: false });
      // Away is what readiness tells; nothing is known of the positions then.
      await look().catch((error: unknown) => {
        if (!(error instanceof RetryableError)) throw error;
      });
    }
  };
  void watch();
}

function redisOf(
  name: string,
  config: RedisConfig,
  { readiness, log, onStop, fatal }: Omit<Worker, 'connectRedis'> & Pick<ServiceContext, 'fatal'>,
): RedisConnection {
  const redis = connectRedis(config, name, fatal);
  redis.on('error', (err) => {
    readiness.set('redis', err);
    log.warn({ err }, 'redis');
  });
  redis.on('ready', () => readiness.set('redis', null));
  onStop('redis', () => redis.disconnect());
  return redis;
}

/**
 * The frame of a service that reads Kafka: health first, then what `prepare` needs, then the consumer, in the group
 * `atendido-<name>`; stopped in reverse.
 * @param prepare waits for the servers it needs (`readiness.until`) and says what is read and how it is handled
 * @param unneeded what the service does without
 */
export function runWorker(
  name: string,
  prepare: (worker: Worker) => Promise<WorkerInput>,
  unneeded: readonly Unneeded[],
): Promise<void> {
  const start = async ({ config, log, fatal, onStop }: ServiceContext): Promise<void> => {
    const readiness = new Readiness();
    readiness.set('partida', 'iniciando');
    const health = await startHealthServer(config, () => readiness.cause());
    onStop('saúde', () => health.close());
    const group = `atendido-${name}`;
    const kafka = createKafka({ ...config.kafka, clientId: group, log });
    const registry = connectRegistry(config.registryUrl);
    const seguidas = await readiness.until('apurações', () => followApuracoes(kafka, registry));
    onStop('apurações', () => seguidas.stop());
    const admin = await readiness.until('kafka', () => kafka.admin());
    onStop('admin', async () => void (await endsWithin(CLOSE_MS, admin.close())));
    const parts = { group, readiness, kafka, admin, registry, seguidas, log, onStop };
    // Asked also where there is nothing to read or write, which would find out a server that is frozen.
    const sinais: Record<string, () => Promise<unknown>> = { kafka: () => admin.ends(TOPICO_DAS_APURACOES) };
    const { hasMoved, ...input } = await prepare({
      ...parts,
      connectRedis: () => {
        const redis = redisOf(name, config.redis, { ...parts, fatal });
        sinais.redis = () => everyNodeAnswers(redis);
        return redis;
      },
    });
    onStop('vigia', vigia(readiness, { sinais }));
    const consumer = await kafka.consume({
      ...input,
      groupId: group,
      onFatal: fatal,
      onWaiting: (cause) => readiness.set('consumo', cause),
    });
    onStop('consumo', () => consumer.stop());
    if (hasMoved !== undefined) watchPositions(consumer, hasMoved, { log, onStop });
    readiness.set('partida', null);
  };
  return runService(name, start, unneeded);
}
