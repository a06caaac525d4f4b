import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import type { Kafka, OutputRecord } from '#platform/kafka/port.ts';
import { numbered } from '../integration/numbered.ts';
import { unique, until } from '../integration/until.ts';
import { ownServers } from './own-servers.ts';
import { retried } from './rig.ts';

const PARTITIONS = 4;
const ROUND = 200;
const KILLS = 2;
/** A broker that starts, and clients that back off, on a machine that has other work. */
const PATIENCE_MS = 120_000;
/** What a process has to stop. */
const STOP_LIMIT_MS = 10_000;

// The broker is frozen, and killed under load; its supervisor brings it back.
const { brokers, broker } = ownServers();

describe.each(CLIENTS)('a broker that takes requests and answers none, over %s', (client) => {
  it('holds up neither the stop of a consumer with a commit under way nor that of a follower', async () => {
    const kafka = createKafka({ brokers: brokers(), clientId: 'teste', client });
    const topic = unique('topico');
    const admin = await kafka.admin();
    await admin.ensureTopics([{ topic, partitions: 1, replicationFactor: 1, config: {} }]);
    await admin.close();
    const producer = await kafka.producer();
    await producer.send(numbered(topic, 1));
    await producer.close();
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const fatal: Error[] = [];
    const consumer = await kafka.consume({
      groupId: unique('grupo'),
      topics: [topic],
      onFatal: (error) => fatal.push(error),
      onRound: async (round) => {
        begun.resolve();
        await gate.promise;
        await round.commit([]);
        return [];
      },
    });
    const follower = await kafka.follow([topic], () => {});
    await follower.caughtUp();
    await begun.promise;
    const pid = broker();
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(pid, 'SIGCONT'));
    gate.resolve();
    const began = performance.now();
    await consumer.stop();
    await follower.stop();
    expect(performance.now() - began).toBeLessThan(STOP_LIMIT_MS);
    expect(fatal).toEqual([]);
  });
});

/** A member that copies each record once, naming its place. */
function copying(kafka: Kafka, [source, target]: [string, string], fatal: Error[]) {
  return kafka.consume({
    groupId: `${target}-grupo`,
    topics: [source],
    concurrency: 2,
    maxRecords: 50,
    onFatal: (error) => fatal.push(error),
    onRound: async (round) => {
      const outputs = round.batches.flatMap(({ partition, records }) => {
        return records.map(({ offset }): OutputRecord => {
          return { topic: target, key: null, value: Buffer.from(`${partition}:${offset}`) };
        });
      });
      await round.commit(outputs);
      return [];
    },
  });
}

async function read(kafka: Kafka, topic: string, nameOf: (partition: number, offset: number, value: string) => string) {
  const found: string[] = [];
  await retried(() => {
    found.length = 0;
    return kafka.readToEnd(topic, {
      onBatch: ({ partition, records }) => {
        for (const { offset, value } of records) found.push(nameOf(partition, offset, String(value)));
      },
    });
  });
  return found.sort();
}

describe.each(CLIENTS)('the broker killed under load, over %s', (client) => {
  it('is waited for; every record comes out exactly once', async () => {
    const kafka = createKafka({ brokers: brokers(), clientId: 'teste', client });
    const topics: [string, string] = [unique('origem'), unique('destino')];
    const admin = await kafka.admin();
    const specs = topics.map((topic) => ({ topic, partitions: PARTITIONS, replicationFactor: 1, config: {} }));
    await retried(() => admin.ensureTopics(specs));
    await admin.close();
    const fatal: Error[] = [];
    const members = [await copying(kafka, topics, fatal), await copying(kafka, topics, fatal)];
    await until(() => members.every((member) => member.assignment().length === 2), 'both members', PATIENCE_MS);
    const producer = await kafka.producer();
    const load = { on: true, sent: 0 };
    const sending = (async () => {
      for (; load.on; load.sent++) {
        const records = Array.from({ length: ROUND }, (_, i) => ({
          topic: topics[0],
          key: `c${i}`,
          value: Buffer.from('x'),
        }));
        await retried(() => producer.send(records));
      }
    })();
    for (let kill = 0; kill < KILLS; kill++) {
      const [before, pid] = [load.sent, broker()];
      await until(() => load.sent > before + 10, 'some load', PATIENCE_MS);
      process.kill(pid, 'SIGKILL');
      await until(() => ![0, pid].includes(broker()), 'the broker to be started again', PATIENCE_MS);
    }
    const back = load.sent;
    await until(() => load.sent > back + 10, 'the load to go on', PATIENCE_MS);
    load.on = false;
    await sending;
    await producer.close();
    const expected = await read(kafka, topics[0], (partition, offset) => `${partition}:${offset}`);
    await until(
      async () =>
        fatal.length > 0 || (await read(kafka, topics[1], (_p, _o, value) => value)).length >= expected.length,
      'all copies',
      PATIENCE_MS,
    );
    expect(fatal).toEqual([]);
    await Promise.all(members.map((member) => member.stop()));
    const copies = await read(kafka, topics[1], (_p, _o, value) => value);
    expect(copies.filter((copy, i) => copy === copies[i - 1])).toEqual([]);
    expect(copies).toEqual(expected);
  }, 400_000);
});
