import { expect, it, onTestFinished } from 'vitest';
import { READ_UNCOMMITTED } from '#platform/kafka/brokers.ts';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import { driverOf } from '#platform/kafka/platformatic/index.ts';
import type { Kafka, Producer } from '#platform/kafka/port.ts';
import { numbered } from '../integration/numbered.ts';
import { unique, until } from '../integration/until.ts';
import { lineOnThreeBrokers } from './line.ts';
import { ADMIN, NODES, type NodeId } from './properties.ts';

const COUNT = 50;
const PATIENCE_MS = 60_000;
const rig = lineOnThreeBrokers({ services: false });

/** A topic of which one partition will go to the broker that leads the other, once its own leader is gone. */
async function twoLeaders(not: NodeId) {
  const topic = unique('topico');
  const admin = await createKafka(rig().servers.kafkaOf(ADMIN)).admin();
  await admin.ensureTopics([{ topic, partitions: 12, replicationFactor: 3, config: {} }]);
  await admin.close();
  const placed = (await rig().servers.cluster.partitions()).filter((one) => one.topic === topic);
  for (const going of placed.filter(({ leader }) => leader !== not)) {
    const staying = placed.find(({ leader }) => leader === going.replicas[1]);
    const node = NODES.find((one) => one === going.leader);
    if (staying !== undefined && node !== undefined) return { topic, node, going, staying };
  }
  throw new Error('no two partitions of the kind');
}

/**
 * Sends to both partitions while the leader of one is frozen, and kills it once what is for the other one is written: by
 * then that one's leader has both.
 */
async function sentWhileOneMoves(kafka: Kafka, producer: Producer, not: NodeId) {
  const { servers } = rig();
  const { topic, node, going, staying } = await twoLeaders(not);
  const numbers = (count: number, from: number) => {
    return [going, staying].flatMap(({ partition }) => numbered(topic, count, partition, from));
  };
  // Who leads what is known to the client, and to us.
  await producer.send(numbers(1, 0));
  const brokers = driverOf(servers.kafkaOf(ADMIN)).brokers();
  onTestFinished(() => brokers.close());
  const end = async () => (await brokers.edges([staying], 'end', READ_UNCOMMITTED))[0]?.offset ?? 0;
  const before = await end();
  servers.freeze(node);
  const sent = producer.send(numbers(COUNT, 1)).then(
    () => null,
    (error: unknown) => error,
  );
  await until(async () => (await end()) >= before + COUNT, 'what is for the other one', PATIENCE_MS);
  const release = servers.holdDown(node);
  const error = await sent;
  await release();
  await servers.whole();
  const seen = new Map<number, string[]>();
  await kafka.readToEnd(topic, {
    onBatch: ({ partition, records }) => {
      seen.set(partition, [...(seen.get(partition) ?? []), ...records.map(({ value }) => String(value))]);
    },
  });
  return { error, both: [going, staying].map(({ partition }) => seen.get(partition) ?? []) };
}

it.each(CLIENTS)('what was acknowledged is there though a leader went away in between, over %s', async (client) => {
  const kafka = createKafka({ ...rig().servers.kafkaOf(ADMIN), client });
  const producer = await kafka.producer();
  onTestFinished(() => producer.close());
  const { error, both } = await sentWhileOneMoves(kafka, producer, 1);
  for (const values of both) expect(error === null ? new Set(values).size : COUNT + 1).toBe(COUNT + 1);
});

it.each(CLIENTS)('a transaction is whole, and once, though a leader went away in between, over %s', async (client) => {
  const kafka = createKafka({ ...rig().servers.kafkaOf(ADMIN), client });
  const id = unique('transacao');
  const producer = await kafka.exclusive(id);
  onTestFinished(() => producer.close());
  const { error, both } = await sentWhileOneMoves(
    kafka,
    producer,
    await rig().servers.cluster.coordinatorOf('transaction', id),
  );
  for (const values of both) expect(values).toHaveLength(error === null ? COUNT + 1 : 1);
});
