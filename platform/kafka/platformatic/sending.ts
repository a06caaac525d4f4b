import { backoff } from '../errors.ts';
import type { Sending } from '../producer.ts';
import type { KafkaConfig } from '../settings.ts';
import { Directory } from './directory.ts';
import { isRetryable, isTooLarge, toPortError } from './errors.ts';
import { Link } from './link.ts';
import { produce } from './produce.ts';

const ATTEMPTS = 6;

export async function newSending(config: KafkaConfig): Promise<Sending> {
  const link = new Link(config);
  const directory = new Directory(config);
  await link.ask(() => link.topics([]));
  return {
    maxRecords: Number.POSITIVE_INFINITY,
    partitions: (topic) => directory.partitions(topic),
    send: async (round) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await produce(link, round);
        } catch (error) {
          link.forget();
          if (!isRetryable(error) || attempt === ATTEMPTS) throw error;
          await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
        }
      }
    },
    isTooLarge,
    toPortError,
    close: async () => {
      await Promise.all([link.close(), directory.close()]);
    },
  };
}
