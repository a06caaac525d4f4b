import type { Kafka } from '../port.ts';
import { OrderedProducer } from '../producer.ts';
import { follow, readToEnd } from '../reader.ts';
import { type KafkaConfig, logOf } from '../settings.ts';
import { FencedTransactor } from '../transactor.ts';
import { newAdmin } from './admin.ts';
import { consume } from './consumer.ts';
import { Directory } from './directory.ts';
import { newSending } from './sending.ts';
import { transactions } from './transactions.ts';

/** The port of platform/kafka over @platformatic/kafka. Nothing connects before one of its methods is called. */
export function createKafka(config: KafkaConfig): Kafka {
  return {
    consume: (options) => consume(config, options),
    producer: async () => new OrderedProducer(await newSending(config)),
    transactor: async (prefix, groupId) => new FencedTransactor(transactions(config), prefix, groupId),
    admin: () => newAdmin(config),
    readToEnd: (topic, options) => readToEnd(new Directory(config), topic, options),
    follow: (topics, onRecord) => follow(() => new Directory(config), logOf(config), topics, onRecord),
  };
}
