import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '../../platform/errors.ts';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import { FIXTURES, numbered, unique } from './kafka-fixture.ts';

describe.each(FIXTURES)('exclusive producer over %s', (_client, { kafka, newTopic, read }) => {
  async function taking(name: string) {
    const producer = await kafka.exclusive(name);
    onTestFinished(() => producer.close());
    return producer;
  }

  it('sends to several topics all at once, again and again', async () => {
    const [a, b] = [await newTopic(2), await newTopic()];
    const producer = await taking(unique('tx'));
    await producer.send([...numbered(a, 1200, 1), ...numbered(b, 1)]);
    for (let n = 1; n < 6; n++) await producer.send(numbered(b, 1, 0, n));
    await producer.send([]);
    expect((await read(a)).length).toBe(1200);
    expect(await read(b)).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('shows nothing where one record is refused, and the next holder of the id goes on', async () => {
    const [ok, small] = [await newTopic(), await newTopic(1, { 'max.message.bytes': '2000' })];
    const name = unique('tx');
    const refused = (await taking(name)).send([
      ...numbered(ok, 3),
      { topic: small, key: 'k', value: randomBytes(5000) },
    ]);
    await expect(refused).rejects.toThrow(RecordTooLargeError);
    await (await taking(name)).send(numbered(ok, 1, 0, 9));
    expect(await read(ok)).toEqual(['9']);
  });

  it('refuses a holder whose id another has taken, which has written nothing then', async () => {
    const topic = await newTopic();
    const name = unique('tx');
    const before = await taking(name);
    await before.send(numbered(topic, 1));
    const after = await taking(name);
    await expect(before.send(numbered(topic, 1, 0, 100))).rejects.toThrow(RetryableError);
    await after.send(numbered(topic, 1, 0, 1));
    expect(await read(topic)).toEqual(['0', '1']);
  });

  it('lets one of many that take the id at once through, and tells the others', async () => {
    const topic = await newTopic();
    const name = unique('tx');
    const holders = [await taking(name), await taking(name), await taking(name)];
    const sent = await Promise.allSettled(holders.map((holder, n) => holder.send(numbered(topic, 1, 0, n))));
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await read(topic)).toEqual(['2']);
  });
});
