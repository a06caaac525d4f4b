import { expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { fetchAll, READ_COMMITTED } from '#platform/kafka/brokers.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { driverOf } from '#platform/kafka/platformatic/index.ts';
import type { Cursor } from '#platform/kafka/port.ts';
import { READ } from '#platform/kafka/settings.ts';
import { retried } from '../faults/rig.ts';
import { numbered } from '../integration/numbered.ts';
import { unique, until } from '../integration/until.ts';
import { lineOnThreeBrokers } from './line.ts';
import { ADMIN, NODES, rackOf } from './properties.ts';

const PATIENCE_MS = 60_000;
const rig = lineOnThreeBrokers({ services: false });

it.each(NODES)(
  'a reader in the rack of broker %i reads from it alone, all there is, and goes on without it',
  async (node) => {
    const { servers } = rig();
    const config = { ...servers.kafkaOf(ADMIN), rack: rackOf(node) };
    const kafka = createKafka(config);
    const [admin, producer] = [await kafka.admin(), await kafka.producer()];
    onTestFinished(async () => void (await Promise.all([admin.close(), producer.close()])));
    const topic = unique('topico');
    await admin.ensureTopics([{ topic, partitions: 3, replicationFactor: 3, config: {} }]);
    const send = (from: number) => producer.send([0, 1, 2].flatMap((p) => numbered(topic, 100, p, from)));
    await send(0);

    const brokers = driverOf(config).brokers();
    onTestFinished(() => brokers.close());
    const cursors = NODES.map((_, partition): Cursor => ({ topic, partition, offset: 0 }));
    const seen = new Map<number, number>();
    /** Reads on to the ends there are now, each record once. */
    const readOn = async () => {
      const ends = await retried(() => admin.ends(topic));
      const there = async () => {
        const steps = await fetchAll(brokers, cursors, READ_COMMITTED, READ).catch((error: unknown) => {
          if (!(error instanceof RetryableError)) throw error;
          brokers.forget();
          return [];
        });
        for (const { cursor, next, pieces } of steps) {
          const records = pieces.reduce((sum, piece) => sum + piece.records().length, 0);
          seen.set(cursor.partition, (seen.get(cursor.partition) ?? 0) + records);
          cursor.offset = next;
        }
        return cursors.every(({ partition, offset }) => offset === ends.get(partition));
      };
      await until(there, 'the ends', PATIENCE_MS);
      expect(seen).toEqual(ends);
    };
    const nodes = async () => Promise.all(cursors.map((cursor) => brokers.leader(cursor)));

    await readOn();
    expect(await nodes()).toEqual([node, node, node]);

    const release = servers.holdDown(node);
    await until(
      () =>
        send(100).then(
          () => true,
          () => false,
        ),
      'to be sent without it',
      PATIENCE_MS,
    );
    await readOn();
    expect(await retried(nodes)).not.toContain(node);
    await release();
    await servers.whole();
  },
);

it('without a rack, leaders are read from', async () => {
  const brokers = driverOf(rig().servers.kafkaOf(ADMIN)).brokers();
  onTestFinished(() => brokers.close());
  const cursors = NODES.map((_, partition): Cursor => ({ topic: 'interacoes', partition, offset: 0 }));
  await fetchAll(brokers, cursors, READ_COMMITTED, READ);
  const leaders = await Promise.all(cursors.map((cursor) => rig().servers.cluster.leaderOf(cursor)));
  expect(await Promise.all(cursors.map((cursor) => brokers.leader(cursor)))).toEqual(leaders);
});
