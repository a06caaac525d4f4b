import { Producer } from '@platformatic/kafka';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { InputRecord } from '../../platform/kafka/port.ts';
import { brokers, FIXTURES, numbered, unique, until, valuesOf } from './kafka-fixture.ts';

/** A batch of 50 records in a codec of the sender's choice. */
async function sendIn(compression: 'gzip' | 'snappy' | 'lz4' | 'zstd', topic: string): Promise<void> {
  const producer = new Producer({ clientId: 'teste-outro', bootstrapBrokers: brokers, compression });
  const messages = Array.from({ length: 50 }, (_, i) => {
    return { topic, partition: 0, value: Buffer.from(`${compression} ${i}`.padEnd(100, '.')) };
  });
  await producer.send({ messages });
  await producer.close();
}

async function deleteUpTo(topic: string, offset: string): Promise<void> {
  const admin = new KafkaJs({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
  await admin.disconnect();
}

describe.each(FIXTURES)('records over %s', (_client, { kafka, newTopic, send, consuming }) => {
  const read = async (topic: string) => {
    const found: InputRecord[] = [];
    await kafka.readToEnd(topic, { onBatch: ({ records }) => void found.push(...records) });
    return found;
  };

  it('are read in whatever codec they were sent', async () => {
    const topic = await newTopic(1, { 'compression.type': 'producer' });
    const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
    for (const codec of codecs) await sendIn(codec, topic);
    const values = (await read(topic)).map(({ value }) => String(value).replace(/\.+$/, ''));
    expect(values).toEqual(codecs.flatMap((codec) => Array.from({ length: 50 }, (_, i) => `${codec} ${i}`)));
    const handed: string[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      positionOf: async () => 0,
      onRound: async ({ batches }) => {
        handed.push(...batches.flatMap(({ records }) => valuesOf(records)).map((value) => value.replace(/\.+$/, '')));
        return [];
      },
    });
    await until(() => handed.length >= 200, 'all records');
    expect(handed).toEqual(values);
  });

  it('bear the time of their arrival where the topic says so', async () => {
    const topic = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const producer = new KafkaJs({ brokers, logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    await producer.send({
      topic,
      messages: [
        { value: 'a', timestamp: '1000' },
        { value: 'b', timestamp: '2000' },
      ],
    });
    for (const { timestamp } of await read(topic)) expect(Math.abs(timestamp - Date.now())).toBeLessThan(60_000);
  });

  it('without key or value, and with an empty one, stay what they are', async () => {
    const topic = await newTopic();
    await send([
      { topic, partition: 0, key: 'k', value: null },
      { topic, partition: 0, key: null, value: Buffer.alloc(0) },
      { topic, partition: 0, key: 'c', value: Buffer.from('v'), headers: { h: '' } },
    ]);
    expect(await read(topic)).toMatchObject([
      { key: Buffer.from('k'), value: null },
      { key: null, value: Buffer.alloc(0) },
      { key: Buffer.from('c'), value: Buffer.from('v'), headers: { h: Buffer.alloc(0) } },
    ]);
  });

  it('deleted under a reader end it, loudly', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 10));
    const fatal: Error[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      positionOf: async () => 0,
      onFatal: (error) => fatal.push(error),
      onRound: async () => {
        await deleteUpTo(topic, '6');
        return [{ topic, partition: 0, offset: 2 }];
      },
    });
    await until(() => fatal.length > 0, 'the fatal error');
    expect(fatal[0]).toMatchObject({ code: 'POSICAO_FORA_DO_LOG' });
  });
});
