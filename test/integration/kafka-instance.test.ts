import { expect, it } from 'vitest';
import { type ClientName, createKafka, type KafkaLog } from '../../platform/kafka/index.ts';
import type { Round } from '../../platform/kafka/port.ts';
import { SESSION } from '../../platform/kafka/settings.ts';
import { brokers, newTopic, read, send, unique, until } from './kafka-fixture.ts';

function named(instance: string, client: ClientName, log?: KafkaLog) {
  return createKafka({ brokers, clientId: 'teste', client, instance, ...(log === undefined ? {} : { log }) });
}
/** Under the session that a process which died without a word would be waited for. */
const AT_ONCE_MS = SESSION.sessionTimeout;

it('a process comes back under its name to its partitions at once, and the one it replaces ends', async () => {
  const [source, target] = [await newTopic(2), await newTopic(1)];
  const groupId = unique('grupo');
  const fatal: Error[] = [];
  const copying = () =>
    named('a', 'platformatic').consume({
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

it('two processes of one name share the work in peace where the client knows no static membership', async () => {
  const source = await newTopic(2);
  const groupId = unique('grupo');
  const undone: object[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (fields: object, message: string) => void (message === 'transação desfeita' && undone.push(fields)),
    error() {},
  };
  const member = async () => {
    const fatal: Error[] = [];
    let records = 0;
    const onRound = async (round: Round) => {
      await round.commit([]);
      records += round.batches.reduce((sum, batch) => sum + batch.records.length, 0);
      return [];
    };
    const onFatal = (error: Error) => void fatal.push(error);
    const consumer = await named('a', 'kafkajs', log).consume({ groupId, topics: [source], onFatal, onRound });
    return { consumer, fatal, records: () => records };
  };
  const members = [await member(), await member()];
  try {
    await until(() => members.every(({ consumer }) => consumer.assignment().length === 1), 'each has its share');
    for (let sent = 1; sent <= 5; sent++) {
      await send([0, 1].map((partition) => ({ topic: source, partition, key: null, value: null })));
      await until(() => members.every(({ records }) => records() >= sent), 'both committed');
    }
    expect([undone, ...members.map(({ fatal }) => fatal)]).toEqual([[], [], []]);
  } finally {
    await Promise.all(members.map(({ consumer }) => consumer.stop()));
  }
});
