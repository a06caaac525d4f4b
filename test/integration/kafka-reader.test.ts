import { randomBytes } from 'node:crypto';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import type { InputRecord } from '../../platform/kafka/port.ts';
import { brokers, FIXTURES, numbered, unique, until, valuesOf } from './kafka-fixture.ts';

describe.each(FIXTURES)('producer over %s', (_client, { kafka, newTopic, send, read }) => {
  it('splits what is too much for one send, in order', async () => {
    const topic = await newTopic(2);
    const records = Array.from({ length: 4000 }, (_, i) => {
      return { topic, partition: i % 2, key: null, value: Buffer.from(String(i).padEnd(1000)) };
    });
    await send(records);
    const values = (await read(topic)).map(Number);
    expect(values.filter((n) => n % 2 === 0)).toEqual(Array.from({ length: 2000 }, (_, i) => i * 2));
    expect(values.length).toBe(4000);
  });

  it('keeps the order of calls made at once, and the headers', async () => {
    const topic = await newTopic();
    const producer = await kafka.producer();
    onTestFinished(() => producer.close());
    const calls = Array.from({ length: 300 }, (_, i) => {
      return producer.send([
        { topic, key: 'k', value: Buffer.from(String(i)), headers: { origem: 'lms', n: Buffer.from([i]) } },
      ]);
    });
    await Promise.all(calls);
    const records: unknown[] = [];
    await kafka.readToEnd(topic, { onBatch: (batch) => void records.push(...batch.records) });
    expect(records.map((r) => String((r as { value: Buffer }).value))).toEqual(calls.map((_, i) => String(i)));
    expect(records[7]).toMatchObject({ headers: { origem: Buffer.from('lms'), n: Buffer.from([7]) } });
  });

  it('names the topic that cannot take a record, and fails nobody else', async () => {
    const [topic, small] = [await newTopic(), await newTopic(1, { 'max.message.bytes': '2000' })];
    const producer = await kafka.producer();
    onTestFinished(() => producer.close());
    const tooLarge = (topicName: string, bytes: number) =>
      producer.send([{ topic: topicName, key: 'k', value: randomBytes(bytes) }]).catch((error) => error);
    const results = await Promise.all([
      producer.send(numbered(topic, 1)),
      tooLarge(small, 5000),
      tooLarge(topic, 3_000_000),
      producer.send(numbered(topic, 1, 0, 1)),
    ]);
    expect(results[1]).toBeInstanceOf(RecordTooLargeError);
    expect(results[1]).toMatchObject({ topic: small, bytes: 5000 });
    expect(results[2]).toBeInstanceOf(RecordTooLargeError);
    expect(new Set(await read(topic))).toEqual(new Set(['0', '1']));
  });
});

describe.each(FIXTURES)('readToEnd over %s', (_client, { kafka, newTopic, send, consuming, read, transact }) => {
  it('ends over transaction markers and aborted tails', async () => {
    const [topic, small] = [await newTopic(2), await newTopic(1, { 'max.message.bytes': '2000' })];
    await transact(numbered(topic, 10));
    expect((await read(topic)).length).toBe(10);
    const refused = [...numbered(topic, 10, 1), { topic: small, key: null, value: randomBytes(5000) }];
    await expect(transact(refused)).rejects.toThrow(RecordTooLargeError);
    expect((await read(topic)).length).toBe(10);
  });

  it('reads a part, and nothing of an empty topic', async () => {
    const topic = await newTopic();
    expect(await read(topic)).toEqual([]);
    await send(numbered(topic, 100));
    const values: string[] = [];
    await kafka.readToEnd(topic, {
      from: new Map([[0, 20]]),
      to: new Map([[0, 25]]),
      onBatch: (batch) => void values.push(...valuesOf(batch.records)),
    });
    expect(values).toEqual(['20', '21', '22', '23', '24']);
  });

  it('reads the partitions asked for, or none', async () => {
    const topic = await newTopic(3);
    await send([0, 1, 2].flatMap((partition) => numbered(topic, 2, partition, 10 * partition)));
    const values: string[] = [];
    const onBatch = (batch: { records: readonly InputRecord[] }) => void values.push(...valuesOf(batch.records));
    await kafka.readToEnd(topic, { partitions: [], onBatch });
    expect(values).toEqual([]);
    await kafka.readToEnd(topic, { partitions: [1, 2], from: new Map([[2, 1]]), onBatch });
    expect(values.sort()).toEqual(['10', '11', '21']);
  });

  it('again and again over one connection, what came since included', async () => {
    const topic = await newTopic();
    const reader = await kafka.reader();
    onTestFinished(() => reader.close());
    const values: string[] = [];
    const from = new Map<number, number>();
    const onBatch = (batch: { records: readonly InputRecord[] }) => void values.push(...valuesOf(batch.records));
    for (let n = 0; n < 3; n++) {
      await send(numbered(topic, 2, 0, 2 * n));
      await reader.readToEnd(topic, { from, onBatch });
      from.set(0, values.length);
    }
    expect(values).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('begins at the first record there is, as a consumer does', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 10));
    const admin = new KafkaJs({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    await admin.disconnect();
    expect(await read(topic)).toEqual(['6', '7', '8', '9']);
    const seen: string[] = [];
    await consuming({
      groupId: unique('grupo'),
      topics: [topic],
      positionOf: async () => 2,
      onRound: async ({ batches }) => {
        seen.push(...batches.flatMap(({ records }) => valuesOf(records)));
        return [];
      },
    });
    await until(() => seen.length > 0, 'the records left');
    expect(seen).toEqual(['6', '7', '8', '9']);
  });
});

describe.each(FIXTURES)('admin over %s', (_client, { kafka, newTopic, send }) => {
  it('tells where a log ends for its writers, past what an open transaction holds back', async () => {
    const topic = await newTopic();
    await send(numbered(topic, 3));
    const admin = await kafka.admin();
    onTestFinished(() => admin.close());
    const ends = async () => [(await admin.offsets(topic))[0]?.high, (await admin.ends(topic)).get(0)];
    expect(await ends()).toEqual([3, 3]);
    const client = new KafkaJs({ brokers, logLevel: logLevel.NOTHING });
    const sender = client.producer({ transactionalId: unique('t'), maxInFlightRequests: 1, idempotent: true });
    await sender.connect();
    onTestFinished(() => sender.disconnect());
    const transaction = await sender.transaction();
    await transaction.send({ topic, messages: [{ value: 'x' }] });
    await send(numbered(topic, 1));
    expect(await ends()).toEqual([3, 5]);
    await transaction.abort();
    await until(async () => (await ends())[0] === 6, 'the marker');
    expect(await ends()).toEqual([6, 6]);
  });
});

describe.each(FIXTURES)('follow over %s', (_client, { kafka, newTopic, send, transact }) => {
  it('has handed over, once caught up, whatever was acknowledged before', async () => {
    const [a, b] = [await newTopic(1, { 'cleanup.policy': 'compact' }), await newTopic()];
    await send(numbered(a, 700));
    const seen: string[] = [];
    const follower = await kafka.follow([a, b], ({ topic }, record) => void seen.push(`${topic}:${record.value}`));
    onTestFinished(() => follower.stop());
    await follower.caughtUp();
    expect(seen.length).toBe(700);
    for (let i = 0; i < 20; i++) {
      await send(numbered(b, 1, 0, i));
      await follower.caughtUp();
      expect(seen.at(-1)).toBe(`${b}:${i}`);
    }
  });

  it('catches up past a transaction marker', async () => {
    const topic = await newTopic();
    const seen: string[] = [];
    const follower = await kafka.follow([topic], (_tp, record) => void seen.push(String(record.value)));
    onTestFinished(() => follower.stop());
    await transact(numbered(topic, 3));
    await follower.caughtUp();
    expect(seen).toEqual(['0', '1', '2']);
  });
});
