import { murmur2Partition } from '../partitioner.ts';
import type { OutputRecord, PartitionOffsets, TopicPartition } from '../port.ts';
import type { KafkaConfig } from './client.ts';
import { toPortError } from './errors.ts';
import { type Cluster, newCluster } from './internals.ts';
import type { Placed } from './rounds.ts';

const EARLIEST = '-2';
const LATEST = '-1';
export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

/** What the brokers know of topics and groups, over a connection kept open. Every failure is a port error. */
export class Directory {
  readonly cluster: Cluster;
  #turn = 0;

  constructor(config: KafkaConfig) {
    this.cluster = newCluster(config);
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.cluster.connect();
      return await question();
    } catch (error) {
      await this.cluster.refreshMetadata().catch(() => undefined);
      throw toPortError(error);
    }
  }

  partitions(topic: string): Promise<number[]> {
    return this.ask(async () => {
      await this.cluster.addMultipleTargetTopics([topic]);
      await this.cluster.refreshMetadataIfNecessary();
      return this.cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId);
    });
  }

  /** The first offset of each partition and its end: the last stable one for READ_COMMITTED. */
  async bounds(topic: string, isolation: number): Promise<PartitionOffsets[]> {
    const [low, high] = await Promise.all([
      this.#list([topic], EARLIEST, isolation),
      this.#list([topic], LATEST, isolation),
    ]);
    return high.map((end) => ({
      partition: end.partition,
      low: low.find((start) => start.partition === end.partition)?.offset ?? 0,
      high: end.offset,
    }));
  }

  /**
   * The ends of several topics' logs, in one round trip to each broker. Not the last stable offsets: of a transaction
   * just committed the markers may yet be missing.
   */
  ends(topics: readonly string[]): Promise<(TopicPartition & { offset: number })[]> {
    return this.#list(topics, LATEST, READ_UNCOMMITTED);
  }

  async #list(topics: readonly string[], timestamp: string, isolationLevel: number) {
    const requests = new Map<string, { topic: string; partitions: { partition: number; timestamp: string }[] }[]>();
    for (const topic of topics) {
      const leaders = this.cluster.findLeaderForPartitions.bind(this.cluster, topic);
      const partitions = await this.partitions(topic);
      for (const [nodeId, led] of Object.entries(leaders(partitions))) {
        const request = requests.get(nodeId) ?? [];
        request.push({ topic, partitions: led.map((partition) => ({ partition, timestamp })) });
        requests.set(nodeId, request);
      }
    }
    return this.ask(async () => {
      const answers = await Promise.all(
        [...requests].map(async ([nodeId, asked]) => {
          const broker = await this.cluster.findBroker({ nodeId });
          return (await broker.listOffsets({ isolationLevel, topics: asked })).responses;
        }),
      );
      return answers
        .flat()
        .flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
        );
    });
  }

  /** The group's committed offsets; null where it has none. */
  async committed(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>> {
    return this.ask(async () => {
      const coordinator = await this.cluster.findGroupCoordinator({ groupId });
      const { responses } = await coordinator.offsetFetch({
        groupId,
        topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
      });
      const found = responses.flatMap((response) => response.partitions);
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset) < 0 ? null : Number(offset)]));
    });
  }

  /** Gives each record its partition: its own, else murmur2 of its key; without a key, the next one in turn. */
  async place(records: readonly OutputRecord[]): Promise<Placed[]> {
    const counts = new Map<string, number>();
    for (const { topic } of records) {
      if (!counts.has(topic)) counts.set(topic, (await this.partitions(topic)).length);
    }
    const turn = this.#turn++;
    return records.map((record) => {
      const count = counts.get(record.topic) ?? 1;
      const chosen = record.key === null ? turn % count : murmur2Partition(record.key, count);
      return { ...record, partition: record.partition ?? chosen };
    });
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }
}
