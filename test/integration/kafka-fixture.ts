import { inject, onTestFinished } from 'vitest';
import { CLIENTS, createKafka } from '../../platform/kafka/index.ts';
import type { ConsumerOptions, InputRecord, Kafka, OutputRecord, RunningConsumer } from '../../platform/kafka/port.ts';
import { numbered } from './numbered.ts';
import { unique, until } from './until.ts';

export { numbered, unique, until };

export const brokers = inject('kafkaBrokers').split(',');

/** A topic of its own for a test. */
async function topicOver(kafka: Kafka, partitions = 1, config: Record<string, string> = {}): Promise<string> {
  const topic = unique('topico');
  const admin = await kafka.admin();
  await admin.ensureTopics([{ topic, partitions, replicationFactor: 1, config }]);
  await admin.close();
  return topic;
}

async function sendOver(kafka: Kafka, records: readonly OutputRecord[]): Promise<void> {
  const producer = await kafka.producer();
  try {
    await producer.send(records);
  } finally {
    await producer.close();
  }
}

export const valuesOf = (records: readonly InputRecord[]) => records.map((record) => String(record.value));

/** A consumer that ends with the test; without `onFatal` a fatal error fails it. */
async function consumeOver(
  kafka: Kafka,
  options: Omit<ConsumerOptions, 'onFatal'> & Partial<ConsumerOptions>,
): Promise<RunningConsumer> {
  const fatal: Error[] = [];
  const consumer = await kafka.consume({ onFatal: (error) => fatal.push(error), ...options });
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= consumer.stop();
    return stopped;
  };
  onTestFinished(async () => {
    await stop();
    if (fatal[0] !== undefined) throw fatal[0];
  });
  return { assignment: () => consumer.assignment(), reposition: (tp) => consumer.reposition(tp), stop };
}

/** Every value a read-committed reader sees, partition by partition. */
async function readOver(kafka: Kafka, topic: string): Promise<string[]> {
  const values: string[] = [];
  await kafka.readToEnd(topic, { onBatch: (batch) => void values.push(...valuesOf(batch.records)) });
  return values;
}

/**
 * Sends records in one transaction of a group of its own.
 * @throws what the commit failed with
 */
async function transactOver(kafka: Kafka, records: readonly OutputRecord[]): Promise<void> {
  const source = await topicOver(kafka);
  await sendOver(kafka, [{ topic: source, partition: 0, key: null, value: null }]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const consumer = await kafka.consume({
    groupId: unique('grupo'),
    topics: [source],
    onFatal: reject,
    onRound: async (round) => {
      await round.commit(records).then(resolve, reject);
      await round.commit([]);
      return [];
    },
  });
  await promise.finally(() => consumer.stop());
}

export type Fixture = ReturnType<typeof fixtureOf>;

function fixtureOf(kafka: Kafka) {
  return {
    kafka,
    newTopic: (partitions?: number, config?: Record<string, string>) => topicOver(kafka, partitions, config),
    send: (records: readonly OutputRecord[]) => sendOver(kafka, records),
    consuming: (options: Omit<ConsumerOptions, 'onFatal'> & Partial<ConsumerOptions>) => consumeOver(kafka, options),
    read: (topic: string) => readOver(kafka, topic),
    transact: (records: readonly OutputRecord[]) => transactOver(kafka, records),
  };
}

/** The same things to test with, over each client there is. */
export const FIXTURES = CLIENTS.map((client): [string, Fixture] => {
  return [client, fixtureOf(createKafka({ brokers, clientId: 'teste', client }))];
});

/** For tests of what stands on the port, whatever the client. */
export const { kafka, newTopic, send, consuming, read } = fixtureOf(createKafka({ brokers, clientId: 'teste' }));
