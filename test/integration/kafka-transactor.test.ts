import { randomBytes } from 'node:crypto';
import { Kafka as KafkaJs, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '../../platform/errors.ts';
import type { Driver, Member, Membership } from '../../platform/kafka/driver.ts';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import { GroupOffsets } from '../../platform/kafka/group-offsets.ts';
import { driverOf as kafkaJs } from '../../platform/kafka/kafkajs/index.ts';
import { driverOf as platformatic } from '../../platform/kafka/platformatic/index.ts';
import { TRANSACTION_TIMEOUT_MS } from '../../platform/kafka/settings.ts';
import { Transactor } from '../../platform/kafka/transactor.ts';
import { brokers, FIXTURES, numbered, unique, until } from './kafka-fixture.ts';

const DRIVERS: Record<string, Driver> = {
  kafkajs: kafkaJs({ brokers, clientId: 'teste' }),
  platformatic: platformatic({ brokers, clientId: 'teste' }),
};
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

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

describe.each(FIXTURES)('transactor over %s', (client, { kafka, newTopic, send, read }) => {
  const driver = DRIVERS[client] as Driver;
  /** A member of a group, alone or not. */
  async function joined(groupId: string, topic: string): Promise<Membership> {
    let held = false;
    const fatal: unknown[] = [];
    const assigned = () => {
      held = true;
    };
    const events = { assigned, away: () => {}, fatal: (e: unknown) => void fatal.push(e) };
    const membership = driver.membership({ groupId, topics: [topic], instanceId: null }, events);
    onTestFinished(() => membership.leave());
    await membership.join();
    await until(() => held, 'the assignment');
    expect(fatal).toEqual([]);
    return membership;
  }

  function newTransactor(groupId: string, member: () => Member, transactionalId = unique('tx')) {
    const brokers = driver.brokers();
    const known = { brokers, offsets: new GroupOffsets(brokers, groupId) };
    const transactor = new Transactor(driver, known, { groupId, transactionalId, member, log: LOG });
    onTestFinished(async () => {
      await transactor.close();
      await brokers.close();
    });
    return transactor;
  }

  async function committed(groupId: string, topic: string) {
    const admin = await kafka.admin();
    onTestFinished(() => admin.close());
    return (await admin.committed(groupId, topic)).get(0);
  }

  const to = (topic: string, offset: number, { ours = true, partition = 0 } = {}) => {
    return [{ topic, partition, offset, isStillOurs: () => ours }];
  };

  it('sends to several topics and moves the position, all at once', async () => {
    const [source, a, b] = [await newTopic(), await newTopic(2), await newTopic()];
    const groupId = unique('grupo');
    const membership = await joined(groupId, source);
    const transactor = newTransactor(groupId, () => membership.member);
    await send(numbered(source, 7));
    await transactor.commit([...numbered(a, 1200, 1), ...numbered(b, 1)], to(source, 5));
    for (let i = 0; i < 5; i++) await transactor.commit(numbered(b, 1), to(source, 6));
    await transactor.commit([], to(source, 7));
    expect((await read(a)).length).toBe(1200);
    expect((await read(b)).length).toBe(6);
    expect(await committed(groupId, source)).toBe(7);
  });

  it('touches the group and leaves its offset where it was, for whoever reads it next', async () => {
    const source = await newTopic();
    const groupId = unique('grupo');
    const membership = await joined(groupId, source);
    const holder = await driver.fence(unique('tx'));
    const brokers = driver.brokers();
    onTestFinished(() => Promise.all([holder.close(), brokers.close()]).then(() => undefined));
    const group = (offset: number) => {
      return { groupId, member: membership.member, moves: [{ topic: source, partition: 0, offset }] };
    };
    await holder.transact({ rounds: [], group: group(3) }, () => {});
    await holder.touch(group(9));
    expect(await brokers.settled(groupId, { topic: source, partition: 0 })).toBe(3);
    await holder.transact({ rounds: [], group: group(4) }, () => {});
    expect(await brokers.settled(groupId, { topic: source, partition: 0 })).toBe(4);
  });

  it('puts together what waits, and leaves out what is no longer ours', async () => {
    const [source, target] = [await newTopic(2), await newTopic()];
    const groupId = unique('grupo');
    const membership = await joined(groupId, source);
    const transactor = newTransactor(groupId, () => membership.member);
    const results = await Promise.allSettled([
      transactor.commit(numbered(target, 1, 0, 0), to(source, 1)),
      transactor.commit(numbered(target, 1, 0, 1), to(source, 1, { partition: 1 })),
      transactor.commit(numbered(target, 1, 0, 2), to(source, 9, { ours: false })),
      transactor.commit(numbered(target, 1, 0, 3), to(source, 2)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(results[2]).toMatchObject({ reason: expect.any(RetryableError) });
    expect(await read(target)).toEqual(['0', '1', '3']);
    expect(await committed(groupId, source)).toBe(2);
  });

  it('leaves nothing behind where one record is refused, and works on', async () => {
    const [source, ok, small] = [
      await newTopic(),
      await newTopic(),
      await newTopic(1, { 'max.message.bytes': '2000' }),
    ];
    const groupId = unique('grupo');
    const membership = await joined(groupId, source);
    const transactor = newTransactor(groupId, () => membership.member);
    const large = { topic: small, key: 'k', value: randomBytes(5000) };
    const refused = transactor.commit([...numbered(ok, 3), large], to(source, 3));
    await expect(refused).rejects.toThrow(RecordTooLargeError);
    expect([await read(ok), await committed(groupId, source)]).toEqual([[], null]);
    await transactor.commit(numbered(ok, 3), to(source, 3));
    expect([(await read(ok)).length, await committed(groupId, source)]).toEqual([3, 3]);
  });

  it('fences a zombie: what a generation before ours commits is refused, and shows nothing', async () => {
    const [source, target] = [await newTopic(2), await newTopic()];
    const groupId = unique('grupo');
    const first = await joined(groupId, source);
    const then = first.member;
    const zombie = newTransactor(groupId, () => then);
    await zombie.commit(numbered(target, 2), to(source, 2));
    const second = await joined(groupId, source);
    await until(() => first.member.generation > then.generation, 'the next generation');
    const late = zombie.commit(numbered(target, 2, 0, 100), to(source, 4));
    await expect(late).rejects.toThrow(RetryableError);
    const heir = newTransactor(groupId, () => second.member);
    await heir.commit(numbered(target, 2, 0, 2), to(source, 4));
    const asked = performance.now();
    expect([await read(target), await committed(groupId, source)]).toEqual([['0', '1', '2', '3'], 4]);
    // A transaction left open would hold readers up for as long as it may last.
    expect(performance.now() - asked).toBeLessThan(TRANSACTION_TIMEOUT_MS / 2);
  });

  it('ends what a process of its name left open, and goes on though that one takes the name back', async () => {
    const [source, target] = [await newTopic(), await newTopic()];
    const groupId = unique('grupo');
    const name = unique('tx');
    const membership = await joined(groupId, source);
    const before = newTransactor(groupId, () => membership.member, name);
    const after = newTransactor(groupId, () => membership.member, name);
    await before.commit(numbered(target, 1), to(source, 1));
    await after.commit(numbered(target, 1, 0, 1), to(source, 2));
    await expect(before.commit(numbered(target, 1, 0, 100), to(source, 9))).rejects.toThrow(RetryableError);
    await after.commit(numbered(target, 1, 0, 2), to(source, 3));
    expect([await read(target), await committed(groupId, source)]).toEqual([['0', '1', '2'], 3]);
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
