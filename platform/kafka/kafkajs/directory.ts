import {
  type Brokers,
  type Edge,
  type FetchedLog,
  type FetchLimits,
  type Isolation,
  type Piece,
  type Step,
  stepsOf,
  untilSettled,
} from '../brokers.ts';
import type { Cursor, TopicPartition } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { toPortError } from './errors.ts';
import { settledOffsets, UnsettledError } from './group-requests.ts';
import { type Cluster, type FetchedPartition, newCluster } from './internals.ts';

import { toInput } from './records.ts';

/** What the protocol calls them. */
const TIMESTAMPS: Record<Edge, string> = { first: '-2', end: '-1' };

/** What the brokers know, over connections kept open. */
export class Directory implements Brokers {
  readonly #cluster: Cluster;
  #stale = false;

  constructor(config: KafkaConfig) {
    this.#cluster = newCluster(config);
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.#cluster.connect();
      if (this.#stale) await this.#cluster.refreshMetadata();
      this.#stale = false;
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

  leader({ topic, partition }: TopicPartition): Promise<number | null> {
    return this.#ask(async () => {
      await this.#cluster.addMultipleTargetTopics([topic]);
      const [node] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
      return node === undefined || Number(node) < 0 ? null : Number(node);
    });
  }

  forget(): void {
    this.#stale = true;
  }

  async edges(places: readonly TopicPartition[], edge: Edge, isolationLevel: Isolation): Promise<Cursor[]> {
    const requests = new Map<string, { topic: string; partitions: { partition: number; timestamp: string }[] }[]>();
    for (const [topic, asked] of Map.groupBy(places, (place) => place.topic)) {
      await this.partitions(topic);
      const leaders = this.#cluster.findLeaderForPartitions(
        topic,
        asked.map(({ partition }) => partition),
      );
      for (const [nodeId, led] of Object.entries(leaders)) {
        const partitions = led.map((partition) => ({ partition, timestamp: TIMESTAMPS[edge] }));
        requests.set(nodeId, [...(requests.get(nodeId) ?? []), { topic, partitions }]);
      }
    }
    return this.#ask(async () => {
      const answers = await Promise.all(
        [...requests].map(async ([nodeId, topics]) => {
          const broker = await this.#cluster.findBroker({ nodeId });
          return (await broker.listOffsets({ isolationLevel, topics })).responses;
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

  fetchFrom<C extends Cursor>(
    node: number,
    cursors: readonly C[],
    isolationLevel: Isolation,
    { maxWait, maxBytes, maxBytesPerPartition }: FetchLimits,
  ): Promise<Step<C>[]> {
    return this.#ask(async () => {
      const broker = await this.#cluster.findBroker({ nodeId: String(node) });
      const topics = cursors.map(({ topic, partition, offset }) => ({
        topic,
        partitions: [{ partition, fetchOffset: String(offset), maxBytes: maxBytesPerPartition }],
      }));
      const answer = await broker.fetch({ maxWaitTime: maxWait, minBytes: 1, maxBytes, isolationLevel, topics });
      return stepsOf(logsOf(cursors, answer.responses), isolationLevel);
    });
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }
}

function logsOf<C extends Cursor>(
  cursors: readonly C[],
  answered: readonly { topicName: string; partitions: FetchedPartition[] }[],
): FetchedLog<C>[] {
  const fetched = new Map<string, FetchedPartition>();
  for (const { topicName, partitions } of answered) {
    for (const partition of partitions) fetched.set(`${topicName}/${partition.partition}`, partition);
  }
  return cursors.flatMap((cursor): FetchedLog<C>[] => {
    const data = fetched.get(`${cursor.topic}/${cursor.partition}`);
    if (data === undefined) return [];
    const last = data.messages.at(-1);
    const next = last === undefined ? null : Math.max(cursor.offset, Number(last.offset) + 1);
    const pieces = next === null ? [] : piecesOf(data, cursor.offset, next);
    const [lastStableOffset, highWatermark] = [Number(data.lastStableOffset), Number(data.highWatermark)];
    return [{ cursor, pieces, empty: last === undefined, next, lastStableOffset, highWatermark }];
  });
}

/** kafkajs has unpacked them: all that came of a partition is one piece. */
function piecesOf({ messages }: FetchedPartition, from: number, next: number): Piece[] {
  const readable = messages.filter((m) => Number(m.offset) >= from && m.isControlRecord !== true);
  if (readable.length === 0) return [];
  const bytes = readable.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  return [{ bytes, next, records: () => readable.map(toInput) }];
}
