import { type ClientName, DEFAULT_CLIENT } from './clients.ts';
import { kafkaOver } from './kafka.ts';
import type { Kafka } from './port.ts';
import type { KafkaConfig } from './settings.ts';

export { CLIENTS, type ClientName, DEFAULT_CLIENT } from './clients.ts';
export { RecordTooLargeError } from './errors.ts';
export { fits } from './rounds.ts';
export type { KafkaConfig, KafkaLog } from './settings.ts';

const CLIENT: Record<ClientName, (config: KafkaConfig) => Promise<Kafka>> = {
  kafkajs: async (config) => kafkaOver((await import('./kafkajs/index.ts')).driverOf(config), config),
  platformatic: async (config) => kafkaOver((await import('./platformatic/index.ts')).driverOf(config), config),
};

/** Kafka over the client library asked for. Nothing is loaded or connects before one of its methods is called. */
export function createKafka(config: KafkaConfig & { client?: ClientName }): Kafka {
  let loaded: Promise<Kafka> | null = null;
  const driver = () => {
    loaded ??= CLIENT[config.client ?? DEFAULT_CLIENT](config);
    return loaded;
  };
  return {
    consume: async (options) => (await driver()).consume(options),
    producer: async (options) => (await driver()).producer(options),
    exclusive: async (transactionalId) => (await driver()).exclusive(transactionalId),
    admin: async () => (await driver()).admin(),
    readToEnd: async (topic, options) => (await driver()).readToEnd(topic, options),
    reader: async () => (await driver()).reader(),
    follow: async (topics, onRecord) => (await driver()).follow(topics, onRecord),
  };
}
