import { randomBytes } from 'node:crypto';
import { Kafka as KafkaJs, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FencedError } from '../../platform/errors.ts';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import { brokers, FIXTURES, numbered, unique } from './kafka-fixture.ts';

/** A kafkajs transaction as such, to leave open or abort. */
async function openTransaction() {
  const client = new KafkaJs({ brokers, logLevel: logLevel.NOTHING });
  const producer = client.producer({
    transactionalId: unique('tx'),
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer.transaction();
}

describe.each(FIXTURES)('transactor over %s', (_client, { kafka, newTopic, send, read }) => {
  async function newTransactor(prefix: string, groupId: string) {
    const transactor = await kafka.transactor(prefix, groupId);
    onTestFinished(() => transactor.close());
    return transactor;
  }

  async function committed(groupId: string, topic: string) {
    const admin = await kafka.admin();
    onTestFinished(() => admin.close());
    return (await admin.committed(groupId, topic)).get(0);
  }

  it('sends to several topics and moves the position, all at once', async () => {
    const [source, a, b] = [await newTopic(), await newTopic(2), await newTopic()];
    const groupId = unique('grupo');
    const transactor = await newTransactor(unique('t'), groupId);
    const tp = { topic: source, partition: 0 };
    await send(numbered(source, 7));
    expect(await transactor.acquire(tp)).toBe(0);
    await transactor.run(tp, [...numbered(a, 1200, 1), ...numbered(b, 1)], 5);
    for (let i = 0; i < 5; i++) await transactor.run(tp, numbered(b, 1), 6);
    await transactor.run(tp, [], 7);
    expect((await read(a)).length).toBe(1200);
    expect((await read(b)).length).toBe(6);
    expect(await committed(groupId, source)).toBe(7);
    expect(await transactor.acquire(tp)).toBe(7);
  });

  it('leaves nothing behind where one record is refused, and works on', async () => {
    const [source, ok, small] = [
      await newTopic(),
      await newTopic(),
      await newTopic(1, { 'max.message.bytes': '2000' }),
    ];
    const groupId = unique('grupo');
    const transactor = await newTransactor(unique('t'), groupId);
    const tp = { topic: source, partition: 0 };
    await send(numbered(source, 7));
    await transactor.acquire(tp);
    const large = { topic: small, key: 'k', value: randomBytes(5000) };
    await expect(transactor.run(tp, [...numbered(ok, 3), large], 3)).rejects.toThrow(RecordTooLargeError);
    expect([await read(ok), await committed(groupId, source)]).toEqual([[], null]);
    await transactor.run(tp, numbered(ok, 3), 3);
    expect([(await read(ok)).length, await committed(groupId, source)]).toEqual([3, 3]);
  });

  it('fences a zombie: its first transaction after another took the partition fails, and shows nothing', async () => {
    const [source, target] = [await newTopic(), await newTopic()];
    const [prefix, groupId] = [unique('t'), unique('grupo')];
    const [zombie, heir] = [await newTransactor(prefix, groupId), await newTransactor(prefix, groupId)];
    const tp = { topic: source, partition: 0 };
    await send(numbered(source, 7));
    await zombie.acquire(tp);
    await zombie.run(tp, numbered(target, 2), 2);
    expect(await heir.acquire(tp)).toBe(2);
    await expect(zombie.run(tp, numbered(target, 2, 0, 100), 4)).rejects.toThrow(FencedError);
    await heir.run(tp, numbered(target, 2, 0, 2), 4);
    await expect(zombie.run(tp, numbered(target, 2, 0, 200), 6)).rejects.toThrow(FencedError);
    expect([await read(target), await committed(groupId, source)]).toEqual([['0', '1', '2', '3'], 4]);
  });

  it('refuses to go on where another moved the position, even where nobody fenced it', async () => {
    const [source, target] = [await newTopic(), await newTopic(1, { 'max.message.bytes': '2000' })];
    const groupId = unique('grupo');
    const [one, other] = [await newTransactor(unique('a'), groupId), await newTransactor(unique('b'), groupId)];
    const tp = { topic: source, partition: 0 };
    await send(numbered(source, 7));
    await one.acquire(tp);
    await other.acquire(tp);
    await other.run(tp, numbered(target, 1), 3);
    const large = { topic: target, key: 'k', value: randomBytes(5000) };
    await expect(one.run(tp, [large], 5)).rejects.toThrow(RecordTooLargeError);
    await expect(one.run(tp, numbered(target, 1, 0, 100), 5)).rejects.toThrow(FencedError);
    expect(await read(target)).toEqual(['0']);
  });

  it('never shows aborted records, however transactions overlap', async () => {
    const topic = await newTopic();
    const [first, second, third] = [await openTransaction(), await openTransaction(), await openTransaction()];
    const put = (transaction: typeof first, value: string) =>
      transaction.send({ topic, messages: [{ partition: 0, key: 'k', value }] });
    await put(first, 'aborted 1');
    await put(second, 'aborted 2');
    await put(third, 'kept 1');
    await put(first, 'aborted 3');
    await second.abort();
    await put(first, 'aborted 4');
    await third.commit();
    await first.abort();
    expect(await read(topic)).toEqual(['kept 1']);
    for (const from of [1, 2, 3]) {
      const values: string[] = [];
      await kafka.readToEnd(topic, {
        from: new Map([[0, from]]),
        onBatch: ({ records }) => void values.push(...records.map((record) => String(record.value))),
      });
      expect(values).toEqual(from <= 2 ? ['kept 1'] : []);
    }
  });
});
