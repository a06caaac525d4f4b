import { expect, it, onTestFinished } from 'vitest';
import { READ_UNCOMMITTED } from '#platform/kafka/brokers.ts';
import type { Driver } from '#platform/kafka/driver.ts';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import { driverOf as kafkajs } from '#platform/kafka/kafkajs/index.ts';
import { driverOf } from '#platform/kafka/platformatic/index.ts';
import type { Kafka, OutputRecord } from '#platform/kafka/port.ts';
import { Placer, type Slice } from '#platform/kafka/rounds.ts';
import { retried } from '../faults/rig.ts';
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

/** What is sent before the leader of one partition is frozen, how it is, and what is sent then, to both. */
interface Sends {
  first: OutputRecord[];
  freeze: () => void;
  rest: OutputRecord[];
}

/**
 * Sends to both partitions while the leader of one is frozen, and kills it once what is for the other one is written: by
 * then that one's leader has both.
 */
async function sentWhileOneMoves(kafka: Kafka, send: (sends: Sends) => Promise<void>, not: NodeId) {
  const { servers } = rig();
  const { topic, node, going, staying } = await twoLeaders(not);
  const numbers = (count: number, from: number) => {
    return [going, staying].flatMap(({ partition }) => numbered(topic, count, partition, from));
  };
  const brokers = driverOf(servers.kafkaOf(ADMIN)).brokers();
  onTestFinished(() => brokers.close());
  const end = async () => (await retried(() => brokers.edges([staying], 'end', READ_UNCOMMITTED)))[0]?.offset ?? 0;
  // Who leads what is known to us.
  await end();
  let release = async () => {};
  onTestFinished(() => release());
  const freeze = () => {
    servers.freeze(node);
    release = () => servers.holdDown(node)();
  };
  const sent = send({ first: numbers(1, 0), freeze, rest: numbers(COUNT, 1) }).then(
    () => null,
    (error: unknown) => error,
  );
  await until(async () => (await end()) > COUNT, 'what is for the other one', PATIENCE_MS);
  release = servers.holdDown(node);
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

/** The values of what each partition was sent. */
const SENT = Array.from({ length: COUNT + 1 }, (_, n) => String(n));

it.each(CLIENTS)('what was acknowledged is there though a leader went away in between, over %s', async (client) => {
  const kafka = createKafka({ ...rig().servers.kafkaOf(ADMIN), client });
  const producer = await kafka.producer();
  onTestFinished(() => producer.close());
  const send = async ({ first, freeze, rest }: Sends) => {
    await producer.send(first);
    freeze();
    await producer.send(rest);
  };
  const { error, both } = await sentWhileOneMoves(kafka, send, 1);
  expect(error).toBeNull();
  for (const values of both) expect(new Set(values)).toEqual(new Set(SENT));
});

/** Two rounds of one transaction, and the leader frozen between them: what asks the coordinator is asked by then. */
async function transacted<S extends Slice>(driver: Driver<S>, id: string, { first, freeze, rest }: Sends) {
  const [holder, brokers] = [await driver.fence(id), driver.brokers()];
  const placer = new Placer((topic) => brokers.partitions(topic), driver);
  try {
    const [before = [], after = []] = (await Promise.all([placer.place(first), placer.place(rest)])).flatMap(
      ({ rounds }) => rounds,
    );
    const rounds = Object.assign([before, after], {
      *[Symbol.iterator]() {
        yield before;
        freeze();
        yield after;
      },
    });
    await holder.transact({ rounds, group: null }, () => undefined);
  } finally {
    await Promise.all([holder.close(), brokers.close()]);
  }
}

it.each(CLIENTS)('a transaction is whole, and once, though a leader went away in between, over %s', async (client) => {
  const config = rig().servers.kafkaOf(ADMIN);
  const id = unique('transacao');
  const send = (sends: Sends) => {
    return client === 'kafkajs' ? transacted(kafkajs(config), id, sends) : transacted(driverOf(config), id, sends);
  };
  const { cluster } = rig().servers;
  let coordinator: NodeId | null = null;
  // The first to ask makes Kafka's own topic.
  const known = async () => {
    coordinator = await cluster.coordinatorOf('transaction', id).catch(() => null);
    return coordinator !== null;
  };
  await until(known, 'a coordinator', PATIENCE_MS);
  const { error, both } = await sentWhileOneMoves(createKafka({ ...config, client }), send, coordinator ?? 1);
  for (const values of both) expect(values).toEqual(error === null ? SENT : []);
});
