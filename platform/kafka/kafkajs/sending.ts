import { Partitioners } from 'kafkajs';
import type { Sending } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { toPortError } from './errors.ts';
import { byTopic, type MessageSlice } from './records.ts';

export async function newSending(config: KafkaConfig): Promise<Sending<MessageSlice>> {
  const producer = newClient(config).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: RETRY,
  });
  try {
    await producer.connect();
  } catch (error) {
    throw toPortError(error);
  }
  return {
    send: async (round) => {
      try {
        await producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages: byTopic(round) });
      } catch (error) {
        throw toPortError(error);
      }
    },
    close: () => producer.disconnect(),
  };
}
