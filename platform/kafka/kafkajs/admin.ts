import type { TopicAdmin } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { toPortError } from './errors.ts';

/** Its own 5 s are too few for a broker that has other work: the topic is made, and who asked is told that it was not. */
const CREATE_MS = 30_000;

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw toPortError(error);
  }
}

export async function newAdmin(config: KafkaConfig): Promise<TopicAdmin> {
  const admin = newClient(config).admin({ retry: RETRY });
  await ask(() => admin.connect());
  return {
    list: () => ask(() => admin.listTopics()),
    create: ({ topic, partitions: numPartitions, replicationFactor, config: settings }) => {
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions, replicationFactor, configEntries }];
      return ask(() => admin.createTopics({ waitForLeaders: false, timeout: CREATE_MS, topics }));
    },
    close: () => admin.disconnect(),
  };
}
