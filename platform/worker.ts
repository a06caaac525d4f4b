import type { Rulebooks } from '#domain/rulebook.ts';
import { startHealthServer } from './health.ts';
import { createKafka } from './kafka/index.ts';
import type { ConsumerOptions, Kafka } from './kafka/port.ts';
import { runService, type ServiceContext } from './lifecycle.ts';
import { Readiness } from './readiness.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import { connectRegistry, type Registry } from './registry.ts';
import { loadRulebooks } from './rulebooks.ts';

/** What a service that reads Kafka stands on. */
export interface Worker extends Pick<ServiceContext, 'log' | 'onStop'> {
  /** Consumer group, client id and prefix of transactional ids. */
  group: string;
  readiness: Readiness;
  kafka: Kafka;
  registry: Registry;
  rulebooks: Rulebooks;
  /** A connection that tells readiness when it is lost and when it is back. */
  connectRedis(): RedisConnection;
}

/** What the service reads, and what it does with a batch; the rest of a consumer is the same for all. */
export type WorkerInput = Omit<ConsumerOptions, 'groupId' | 'onFatal' | 'onWaiting'>;

function redisOf(name: string, url: string, { readiness, log, onStop }: Omit<Worker, 'connectRedis'>): RedisConnection {
  const redis = connectRedis(url, name);
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
 */
export function runWorker(name: string, prepare: (worker: Worker) => Promise<WorkerInput>): Promise<void> {
  return runService(name, async ({ config, log, fatal, onStop }) => {
    const readiness = new Readiness();
    readiness.set('partida', 'iniciando');
    const health = await startHealthServer(config, () => readiness.cause());
    onStop('saúde', () => health.close());
    const group = `atendido-${name}`;
    const kafka = createKafka({ ...config.kafka, clientId: group, log });
    const registry = connectRegistry(config.registryUrl);
    const parts = { group, readiness, kafka, registry, rulebooks: await loadRulebooks(), log, onStop };
    const input = await prepare({ ...parts, connectRedis: () => redisOf(name, config.redisUrl, parts) });
    const consumer = await kafka.consume({
      ...input,
      groupId: group,
      onFatal: fatal,
      onWaiting: (cause) => readiness.set('consumo', cause),
    });
    onStop('consumo', () => consumer.stop());
    readiness.set('partida', null);
  });
}
