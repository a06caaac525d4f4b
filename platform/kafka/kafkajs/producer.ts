import { Partitioners, type TopicMessages } from 'kafkajs';
import type { Sending } from '../producer.ts';
import type { Placed } from '../rounds.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { Directory } from './directory.ts';
import { isTooLarge, toPortError } from './errors.ts';
import { toMessage } from './records.ts';

/** kafkajs encodes the records of one partition in time quadratic to their number. */
export const MAX_RECORDS = 500;

/** A round as kafkajs takes it. */
export function byTopic(round: readonly Placed[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const record of round) {
    const entry = topics.get(record.topic) ?? { topic: record.topic, messages: [] };
    entry.messages.push(toMessage(record));
    topics.set(record.topic, entry);
  }
  return [...topics.values()];
}

export async function newSending(config: KafkaConfig): Promise<Sending> {
  const directory = new Directory(config);
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
    maxRecords: MAX_RECORDS,
    partitions: (topic) => directory.partitions(topic),
    send: async (round) => {
      await producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages: byTopic(round) });
    },
    isTooLarge,
    toPortError,
    close: async () => {
      await Promise.all([producer.disconnect(), directory.close()]);
    },
  };
}
