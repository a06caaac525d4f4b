import { TopicsAndOffsets } from './admin.ts';
import type { Driver } from './driver.ts';
import { takeExclusive } from './exclusive.ts';
import type { Kafka } from './port.ts';
import { OrderedProducer } from './producer.ts';
import { follow, logReader, readToEnd } from './reader.ts';
import { Placer, type Slice } from './rounds.ts';
import { Session } from './session.ts';
import { type KafkaConfig, logOf } from './settings.ts';

/** The port over a client library. Nothing connects before one of its methods is called. */
export function kafkaOver<S extends Slice>(driver: Driver<S>, config: KafkaConfig): Kafka {
  return {
    consume: async (options) => {
      const session = new Session(driver, config, options);
      await session.start();
      return session;
    },
    producer: async ({ once = false, anySize = false } = {}) => {
      const brokers = driver.brokers();
      const sending = await driver.sending(once);
      const close = async () => void (await Promise.all([sending.close(), brokers.close()]));
      const placer = new Placer(
        (topic) => brokers.partitions(topic),
        driver,
        anySize ? Number.POSITIVE_INFINITY : undefined,
      );
      return new OrderedProducer<S>({ send: (round) => sending.send(round), close }, placer);
    },
    exclusive: (transactionalId) => takeExclusive(driver, transactionalId),
    admin: async () => new TopicsAndOffsets(await driver.admin(), driver.brokers()),
    readToEnd: (topic, options) => readToEnd(driver.brokers(), topic, options),
    reader: async () => logReader(driver.brokers()),
    follow: (topics, onRecord) => follow(() => driver.brokers(), logOf(config), topics, onRecord),
  };
}
