import { setTimeout } from 'node:timers/promises';
import { RetryableError } from '../errors.ts';
import { backoff } from './errors.ts';
import type { Kafka, Producer } from './port.ts';

/** Some of them have to do with others who want the name at the same moment. */
const ATTEMPTS = 8;

/**
 * Does `work` while nobody else writes under the name: what it sends is refused once another has begun. It may be done
 * again from the start, so it must ask anew what is still to be done.
 * @param signal after it nothing is tried again
 * @throws RetryableError it was tried often enough; and what `work` throws
 */
export async function underName<T>(
  kafka: Pick<Kafka, 'exclusive'>,
  name: string,
  work: (producer: Producer) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      const producer = await kafka.exclusive(name);
      try {
        return await work(producer);
      } finally {
        await producer.close();
      }
    } catch (error) {
      if (!(error instanceof RetryableError) || attempt === ATTEMPTS) throw error;
      await setTimeout(backoff(attempt), undefined, signal && { signal }).catch(() => {
        throw error;
      });
    }
  }
}
