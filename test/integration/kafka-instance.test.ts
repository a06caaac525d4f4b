import { expect, it } from 'vitest';
import { createKafka } from '../../platform/kafka/index.ts';
import { brokers, newTopic, read, send, unique, until } from './kafka-fixture.ts';

/** kafkajs knows no static membership: under it a name serves the transactions alone. */
const named = (instance: string) => createKafka({ brokers, clientId: 'teste', client: 'platformatic', instance });
/** Well under the session that a process which died without a word would be waited for. */
const AT_ONCE_MS = 10_000;

it('a process comes back under its name to its partitions at once, and the one it replaces ends', async () => {
  const [source, target] = [await newTopic(2), await newTopic(1)];
  const groupId = unique('grupo');
  const fatal: Error[] = [];
  const copying = () =>
    named('a').consume({
      groupId,
      topics: [source],
      onFatal: (error) => fatal.push(error),
      onRound: async (round) => {
        const records = round.batches.flatMap((batch) => batch.records);
        await round.commit(records.map(({ value }) => ({ topic: target, key: null, value })));
        return [];
      },
    });
  const toBoth = (when: string) =>
    send(
      [0, 1].map((partition) => ({ topic: source, partition, key: null, value: Buffer.from(`${when} ${partition}`) })),
    );
  const copied = async (count: number) => (await read(target)).length >= count;
  const first = await copying();
  await toBoth('antes');
  await until(() => copied(2), 'the first copied them');
  const second = await copying();
  try {
    await toBoth('depois');
    await until(() => copied(4), 'the second copied the rest', AT_ONCE_MS);
    await until(() => fatal.length > 0, 'the first learns of it', AT_ONCE_MS);
    expect((await read(target)).sort()).toEqual(['antes 0', 'antes 1', 'depois 0', 'depois 1']);
    expect(fatal[0]).toMatchObject({ code: 'INSTANCIA_REPETIDA' });
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
});
