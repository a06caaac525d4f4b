import { Partitioners } from 'kafkajs';
import { RetryableError } from '../../errors.ts';
import type { Sending } from '../driver.ts';
import { backoff } from '../errors.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY, SEND_ONCE } from './client.ts';
import { toPortError } from './errors.ts';
import { byTopic, expectAnswered, type MessageSlice } from './records.ts';

/** Outside a transaction what is sent twice does no harm: the whole round is repeated. */
async function repeated(send: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send();
    } catch (cause) {
      const error = toPortError(cause);
      if (!(error instanceof RetryableError) || attempt === RETRY.retries) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
    }
  }
}

export async function newSending(config: KafkaConfig): Promise<Sending<MessageSlice>> {
  const producer = newClient(config).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: SEND_ONCE,
  });
  try {
    await producer.connect();
  } catch (error) {
    throw toPortError(error);
  }
  return {
    send: (round) => {
      return repeated(async () => {
        expectAnswered(round, await producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages: byTopic(round) }));
      });
    },
    close: () => producer.disconnect(),
  };
}
