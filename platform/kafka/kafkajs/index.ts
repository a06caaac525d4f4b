import type { Kafka } from '../port.ts';
import { newAdmin } from './admin.ts';
import type { KafkaConfig } from './client.ts';
import { consume } from './consumer.ts';
import { newProducer } from './producer.ts';
import { follow, readToEnd } from './reader.ts';
import { newTransactor } from './transactor.ts';

export type { KafkaConfig, KafkaLog } from './client.ts';
export { RecordTooLargeError } from './errors.ts';

/** The port of platform/kafka over kafkajs. Nothing connects before one of its methods is called. */
export function createKafka(config: KafkaConfig): Kafka {
  return {
    consume: (options) => consume(config, options),
    producer: () => newProducer(config),
    transactor: (prefix, groupId) => newTransactor(config, prefix, groupId),
    admin: () => newAdmin(config),
    readToEnd: (topic, options) => readToEnd(config, topic, options),
    follow: (topics, onRecord) => follow(config, topics, onRecord),
  };
}
