import { RetryableError } from '../../errors.ts';
import {
  type Brokers,
  type Cursor,
  type Isolation,
  READ_COMMITTED,
  READ_UNCOMMITTED,
  type Step,
  untilSettled,
} from '../brokers.ts';
import type { PartitionOffsets, TopicPartition } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { toPortError } from './errors.ts';
import { type Cluster, type FetchedPartition, newCluster } from './internals.ts';
import { settledOffsets, UnsettledError } from './offset-fetch.ts';
import { toInput } from './records.ts';

const EARLIEST = '-2';
const LATEST = '-1';
const FETCH = { maxWaitTime: 250, minBytes: 1, maxBytes: 16 * 1024 * 1024 };
const MAX_BYTES_PER_PARTITION = 2 * 1024 * 1024;

/** What the brokers know, over connections kept open. */
export class Directory implements Brokers {
  readonly #cluster: Cluster;

  constructor(config: KafkaConfig) {
    this.#cluster = newCluster(config);
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.#cluster.connect();
      return await question();
    } catch (error) {
      await this.#cluster.refreshMetadata().catch(() => undefined);
      throw toPortError(error);
    }
  }

  partitions(topic: string): Promise<number[]> {
    return this.#ask(async () => {
      await this.#cluster.addMultipleTargetTopics([topic]);
      await this.#cluster.refreshMetadataIfNecessary();
      return this.#cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId);
    });
  }

  async bounds(topic: string, isolation: Isolation): Promise<PartitionOffsets[]> {
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

  ends(topics: readonly string[]): Promise<Cursor[]> {
    return this.#list(topics, LATEST, READ_UNCOMMITTED);
  }

  async #list(topics: readonly string[], timestamp: string, isolationLevel: Isolation): Promise<Cursor[]> {
    const requests = new Map<string, { topic: string; partitions: { partition: number; timestamp: string }[] }[]>();
    for (const topic of topics) {
      const leaders = this.#cluster.findLeaderForPartitions.bind(this.#cluster, topic);
      const partitions = await this.partitions(topic);
      for (const [nodeId, led] of Object.entries(leaders(partitions))) {
        const request = requests.get(nodeId) ?? [];
        request.push({ topic, partitions: led.map((partition) => ({ partition, timestamp })) });
        requests.set(nodeId, request);
      }
    }
    return this.#ask(async () => {
      const answers = await Promise.all(
        [...requests].map(async ([nodeId, asked]) => {
          const broker = await this.#cluster.findBroker({ nodeId });
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

  async committed(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>> {
    return this.#ask(async () => {
      const coordinator = await this.#cluster.findGroupCoordinator({ groupId });
      const { responses } = await coordinator.offsetFetch({
        groupId,
        topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
      });
      const found = responses.flatMap((response) => response.partitions);
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset) < 0 ? null : Number(offset)]));
    });
  }

  settled(groupId: string, { topic, partition }: TopicPartition): Promise<number | null> {
    return this.#ask(async () => {
      const coordinator = await this.#cluster.findGroupCoordinator({ groupId });
      const ask = () => settledOffsets(coordinator, groupId, topic, [partition]);
      const [found] = await untilSettled(ask, (error) => error instanceof UnsettledError);
      return found === undefined || found.offset < 0 ? null : found.offset;
    });
  }

  fetch(cursors: readonly Cursor[], isolation: Isolation): Promise<Step[]> {
    return this.#ask(async () => {
      const byNode = new Map<string, Cursor[]>();
      for (const cursor of cursors) {
        const [nodeId] = Object.keys(this.#cluster.findLeaderForPartitions(cursor.topic, [cursor.partition]));
        if (nodeId === undefined) throw new RetryableError(`${cursor.topic}/${cursor.partition} está sem líder`);
        byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), cursor]);
      }
      return (await Promise.all([...byNode].map(([nodeId, led]) => this.#fetchFrom(nodeId, led, isolation)))).flat();
    });
  }

  async #fetchFrom(nodeId: string, cursors: readonly Cursor[], isolationLevel: Isolation): Promise<Step[]> {
    const broker = await this.#cluster.findBroker({ nodeId });
    const topics = cursors.map(({ topic, partition, offset }) => ({
      topic,
      partitions: [{ partition, fetchOffset: String(offset), maxBytes: MAX_BYTES_PER_PARTITION }],
    }));
    const answer = await broker.fetch({ ...FETCH, isolationLevel, topics });
    const fetched = new Map<string, FetchedPartition>();
    for (const { topicName, partitions } of answer.responses) {
      for (const partition of partitions) fetched.set(`${topicName}/${partition.partition}`, partition);
    }
    const nothing = [...fetched.values()].every((partition) => partition.messages.length === 0);
    return cursors.flatMap((cursor) => {
      const data = fetched.get(`${cursor.topic}/${cursor.partition}`);
      return data === undefined ? [] : [step(cursor, data, nothing, isolationLevel)];
    });
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }
}

/**
 * An answer without any record says that the log has none from here to its end: compaction may have taken the last
 * ones. An answer that is empty for one partition alone may only have had no room for it.
 */
function step(cursor: Cursor, data: FetchedPartition, nothing: boolean, isolation: Isolation): Step {
  const from = cursor.offset;
  const last = data.messages.at(-1);
  const end = Number(isolation === READ_COMMITTED ? data.lastStableOffset : data.highWatermark);
  const reached = last !== undefined ? Number(last.offset) + 1 : nothing ? end : from;
  const records = data.messages.filter((m) => Number(m.offset) >= from && m.isControlRecord !== true).map(toInput);
  return { cursor, next: Math.max(from, reached), records };
}
