import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import { numbered } from '../integration/numbered.ts';
import { unique } from '../integration/until.ts';
import { ownServers } from './own-servers.ts';

/** What a process has to stop. */
const STOP_LIMIT_MS = 10_000;

// The broker is frozen.
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
