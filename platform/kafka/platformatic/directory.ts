import { type listOffsetsV9, offsetFetchV8 } from '@platformatic/kafka';
import { RetryableError } from '../../errors.ts';
import {
  type Brokers,
  type Edge,
  type FetchLimits,
  type Isolation,
  READ_UNCOMMITTED,
  type Step,
  untilSettled,
} from '../brokers.ts';
import { OutOfRangeError } from '../errors.ts';
import { nameOf } from '../held.ts';
import type { Cursor, TopicPartition } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { isUnsettled } from './errors.ts';
import { fetchFrom } from './fetch.ts';
import { GROUP, Link } from './link.ts';
import { Nearest } from './nearest.ts';

/** What the protocol calls them. */
const TIMESTAMPS: Record<Edge, bigint> = { first: -2n, end: -1n };
const CONSUMER = -1;

type ListTopic = listOffsetsV9.ListOffsetsRequestTopic;
type ListAnswer = listOffsetsV9.ListOffsetsResponse;

/** What the brokers know, over connections kept open. */
export class Directory implements Brokers {
  readonly #link: Link;
  readonly #nearest: Nearest;

  constructor(config: KafkaConfig) {
    this.#link = new Link(config);
    this.#nearest = new Nearest(config.rack);
  }

  partitions(topic: string): Promise<number[]> {
    return this.#link.ask(async () => {
      const known = (await this.#link.topics([topic])).get(topic);
      return Array.from({ length: known?.partitionsCount ?? 0 }, (_, partition) => partition);
    });
  }

  leader(tp: TopicPartition): Promise<number | null> {
    return this.#ask(async () => this.#nearest.of(tp) ?? (await this.#link.leaderNow(tp)));
  }

  forget(): void {
    this.#link.forget();
    this.#nearest.forget();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await this.#link.ask(question);
    } catch (error) {
      this.#nearest.forget();
      throw error;
    }
  }

  edges(places: readonly TopicPartition[], edge: Edge, isolation: Isolation): Promise<Cursor[]> {
    return this.#link.ask(async () => {
      const requests = new Map<number, Map<string, ListTopic>>();
      for (const { topic, partition } of places) {
        const leader = await this.#link.leader(topic, partition);
        const request = requests.get(leader) ?? new Map<string, ListTopic>();
        const asked = request.get(topic) ?? { name: topic, partitions: [] };
        asked.partitions.push({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: TIMESTAMPS[edge] });
        requests.set(leader, request.set(topic, asked));
      }
      type Arguments = [number, number, ListTopic[]];
      const api = await this.#link.api<Arguments, ListAnswer>('ListOffsets');
      const answers = await Promise.all(
        [...requests].map(async ([nodeId, asked]) => {
          return api.async(await this.#link.connection(nodeId), CONSUMER, isolation, [...asked.values()]);
        }),
      );
      return answers.flatMap((answer) =>
        answer.topics.flatMap(({ name, partitions }) =>
          partitions.map(({ partitionIndex, offset }) => {
            return { topic: name, partition: partitionIndex, offset: Number(offset) };
          }),
        ),
      );
    });
  }

  async committed(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>> {
    return this.#link.ask(() => this.#committed(groupId, topic, partitions, false));
  }

  settled(groupId: string, { topic, partition }: TopicPartition): Promise<number | null> {
    return this.#link.ask(async () => {
      const found = await untilSettled(() => this.#committed(groupId, topic, [partition], true), isUnsettled);
      return found.get(partition) ?? null;
    });
  }

  async #committed(groupId: string, topic: string, partitions: readonly number[], stable: boolean) {
    const asked = [{ groupId, memberEpoch: -1, topics: [{ name: topic, partitionIndexes: [...partitions] }] }];
    const { groups } = await offsetFetchV8.api.async(await this.#link.coordinator(GROUP, groupId), asked, stable);
    const found = groups.flatMap((group) => group.topics).flatMap((answered) => answered.partitions);
    return new Map(
      found.map(({ partitionIndex, committedOffset }): [number, number | null] => {
        return [partitionIndex, committedOffset < 0n ? null : Number(committedOffset)];
      }),
    );
  }

  async fetchFrom<C extends Cursor>(
    node: number,
    cursors: readonly C[],
    isolation: Isolation,
    limits: FetchLimits,
  ): Promise<Step<C>[]> {
    const parts = { link: this.#link, nearest: this.#nearest };
    try {
      return await this.#ask(() => fetchFrom(parts, node, cursors, isolation, limits));
    } catch (error) {
      if (!(error instanceof OutOfRangeError) || (await this.#areOutside(cursors))) throw error;
      throw new RetryableError('a réplica ainda não tem o que o líder já deu', { cause: error });
    }
  }

  /**
   * Only the leader, who alone answers this, says where a log ends: a replica may be a moment behind. Who it was that
   * answered the fetch is not asked: what was known of that may have been forgotten, or have changed, meanwhile.
   */
  async #areOutside(cursors: readonly Cursor[]): Promise<boolean> {
    const [firsts, ends] = await Promise.all([
      this.edges(cursors, 'first', READ_UNCOMMITTED),
      this.edges(cursors, 'end', READ_UNCOMMITTED),
    ]);
    const offsets = (edges: readonly Cursor[]) => new Map(edges.map((edge) => [nameOf(edge), edge.offset]));
    const [low, high] = [offsets(firsts), offsets(ends)];
    return cursors.some((cursor) => {
      const name = nameOf(cursor);
      return cursor.offset < (low.get(name) ?? 0) || cursor.offset > (high.get(name) ?? Number.POSITIVE_INFINITY);
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}
