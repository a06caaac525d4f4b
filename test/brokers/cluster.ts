import { Admin, alterPartitionReassignmentsV0, type ClusterMetadata, findCoordinatorV4 } from '@platformatic/kafka';
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
    return this.#with(async (admin) => {
      const names = await admin.listTopics({ includeInternals: true });
      const { topics }: ClusterMetadata = await admin.metadata({ topics: names, forceUpdate: true });
      return [...topics].flatMap(([topic, { partitions }]) => {
        return partitions.map(({ leader, replicas, isr }, partition) => ({ topic, partition, leader, replicas, isr }));
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
      await link.topics([]);
      const asked = type === 'group' ? GROUP : TRANSACTION;
      const connection = await link.connection(NODES[0]);
      const { coordinators } = await findCoordinatorV4.api.async(connection, asked, [key]);
      return nodeOf(coordinators[0]?.nodeId);
    });
  }

  /** Moves a partition to other brokers, as kafka-reassign-partitions does, and waits until it is there. */
  async move({ topic, partition }: TopicPartition, replicas: readonly NodeId[]): Promise<void> {
    await this.#with(async (_admin, link) => {
      await link.topics([topic]);
      const asked = [{ name: topic, partitions: [{ partitionIndex: partition, replicas: [...replicas] }] }];
      const connection = await link.connection(NODES[0]);
      await alterPartitionReassignmentsV0.api.async(connection, 30_000, false, asked);
    });
    const there = async (): Promise<boolean> => {
      const found = (await this.partitions()).find((one) => one.topic === topic && one.partition === partition);
      const wanted = JSON.stringify(replicas);
      return JSON.stringify(found?.replicas) === wanted && replicas.every((node) => found?.isr.includes(node));
    };
    await until(there, `${topic}/${partition} on ${replicas.join(',')}`, MOVE_MS);
  }
}

function nodeOf(id: number | undefined): NodeId {
  const node = NODES.find((one) => one === id);
  if (node === undefined) throw new Error(`there is no broker ${id}`);
  return node;
}
