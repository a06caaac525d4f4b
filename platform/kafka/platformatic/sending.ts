import type { Sending } from '../driver.ts';
import { backoff } from '../errors.ts';
import type { KafkaConfig } from '../settings.ts';
import type { PackedSlice } from './encode.ts';
import { isRetryable, toPortError } from './errors.ts';
import { Link } from './link.ts';
import { produce } from './produce.ts';

const ATTEMPTS = 6;

export async function newSending(config: KafkaConfig, once: boolean): Promise<Sending<PackedSlice>> {
  const attempts = once ? 1 : ATTEMPTS;
  const link = new Link(config);
  await link.ask(() => link.topics([]));
  return {
    send: async (round) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await produce(link, round, null);
        } catch (error) {
          link.forget();
          if (!isRetryable(error) || attempt === attempts) throw toPortError(error);
          await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
        }
      }
    },
    close: () => link.close(),
  };
}
