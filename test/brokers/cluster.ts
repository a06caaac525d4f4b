import {
  Admin,
  alterPartitionReassignmentsV0,
  type Connection,
  findCoordinatorV4,
  metadataV12,
} from '@platformatic/kafka';
import { RetryableError } from '#platform/errors.ts';
import { GROUP, Link, optionsOf, TRANSACTION } from '#platform/kafka/platformatic/link.ts';
import { patient } from '#platform/kafka/platformatic/metadata.ts';
import type { TopicPartition } from '#platform/kafka/port.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { until } from '../integration/until.ts';
import { NODES, type NodeId } from './properties.ts';

const MOVE_MS = 120_000;

export interface Placed extends TopicPartition {
  leader: number;
  replicas: readonly number[];
  isr: readonly number[];
}

/** What a cluster is asked and told by who looks after it. Each call connects anew: brokers come and go. */
export class Cluster {
  readonly #config: KafkaConfig;

  constructor(config: KafkaConfig) {
    this.#config = config;
  }

  async #with<T>(work: (admin: Admin, link: Link) => Promise<T>): Promise<T> {
    const admin = patient(new Admin(optionsOf(this.#config)));
    const link = new Link(this.#config);
    try {
      return await work(admin, link);
    } finally {
      await Promise.all([admin.close(), link.close()]);
    }
  }

  /** Where every partition is, those of Kafka's own topics too. */
  partitions(): Promise<Placed[]> {
    return this.#with(async (admin, link) => {
      const names = await admin.listTopics({ includeInternals: true });
      // The client's own reading leaves out Kafka's topics.
      const { topics } = await metadataV12.api.async(await anyBroker(link), names, false, false);
      return topics.flatMap(({ name, partitions }) => {
        return partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => {
          const place = { topic: name ?? '', partition: partitionIndex };
          return { ...place, leader: leaderId, replicas: replicaNodes, isr: isrNodes };
        });
      });
    });
  }

  /** Partitions that some replica of is behind. */
  async outOfSync(): Promise<string[]> {
    const all = await this.partitions();
    const behind = all.filter(({ isr, replicas, leader }) => leader < 0 || isr.length < replicas.length);
    return behind.map(({ topic, partition }) => `${topic}/${partition}`);
  }

  async leaderOf({ topic, partition }: TopicPartition): Promise<NodeId> {
    const found = (await this.partitions()).find((one) => one.topic === topic && one.partition === partition);
    return nodeOf(found?.leader);
  }

  /** Who coordinates a group, or a transactional id. */
  coordinatorOf(type: 'group' | 'transaction', key: string): Promise<NodeId> {
    return this.#with(async (_admin, link) => {
      const asked = type === 'group' ? GROUP : TRANSACTION;
      const { coordinators } = await findCoordinatorV4.api.async(await anyBroker(link), asked, [key]);
      return nodeOf(coordinators[0]?.nodeId);
    });
  }

  /** Moves partitions to other brokers, as kafka-reassign-partitions does, and waits until they are there. */
  async move(places: readonly TopicPartition[], replicas: readonly NodeId[]): Promise<void> {
    const asked = places.map(({ topic, partition }) => {
      return { name: topic, partitions: [{ partitionIndex: partition, replicas: [...replicas] }] };
    });
    await this.#with(async (_admin, link) => {
      await alterPartitionReassignmentsV0.api.async(await anyBroker(link), 30_000, false, asked);
    });
    const wanted = JSON.stringify(replicas);
    const moved = (one: Placed) => JSON.stringify(one.replicas) === wanted && one.isr.length === replicas.length;
    await until(async () => (await this.#of(places)).every(moved), `partitions on ${wanted}`, MOVE_MS);
  }

  async #of(places: readonly TopicPartition[]): Promise<Placed[]> {
    const all = await this.partitions();
    return all.filter((one) => places.some((p) => p.topic === one.topic && p.partition === one.partition));
  }
}

/** One that answers. */
async function anyBroker(link: Link): Promise<Connection> {
  await link.topics([]);
  const found = await Promise.allSettled(NODES.map((node) => link.connection(node)));
  const open = found.find((one) => one.status === 'fulfilled');
  if (open === undefined) throw new RetryableError('no broker answers');
  return open.value;
}

function nodeOf(id: number | undefined): NodeId {
  const node = NODES.find((one) => one === id);
  if (node === undefined) throw new Error(`there is no broker ${id}`);
  return node;
}
