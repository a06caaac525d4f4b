import { RetryableError } from '../errors.ts';
import { type Brokers, boundsOf, endsOf, READ_COMMITTED } from './brokers.ts';
import type { TopicAdmin } from './driver.ts';
import { backoff } from './errors.ts';
import type { KafkaAdmin, PartitionOffsets, TopicSpec } from './port.ts';

const LEADER_ATTEMPTS = 8;

/** The port's admin: topics as a client library makes them, the rest as the brokers tell it. */
export class TopicsAndOffsets implements KafkaAdmin {
  readonly #topics: TopicAdmin;
  readonly #brokers: Brokers;

  constructor(topics: TopicAdmin, brokers: Brokers) {
    this.#topics = topics;
    this.#brokers = brokers;
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<string[]> {
    const created: string[] = [];
    const existing = new Set(await this.#topics.list());
    for (const spec of specs.filter(({ topic }) => !existing.has(topic))) {
      if (!(await this.#topics.create(spec))) continue;
      await this.#led(spec.topic);
      created.push(spec.topic);
    }
    return created;
  }

  /** A topic just created takes nothing before its partitions have leaders. */
  async #led(topic: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.offsets(topic);
        return;
      } catch (error) {
        if (!(error instanceof RetryableError) || attempt === LEADER_ATTEMPTS) throw error;
        this.#brokers.forget();
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  async partitionCount(topic: string): Promise<number> {
    return (await this.#brokers.partitions(topic)).length;
  }

  async offsets(topic: string): Promise<PartitionOffsets[]> {
    return boundsOf(this.#brokers, topic, await this.#brokers.partitions(topic), READ_COMMITTED);
  }

  async ends(topic: string): Promise<Map<number, number>> {
    return new Map((await endsOf(this.#brokers, [topic])).map(({ partition, offset }) => [partition, offset]));
  }

  async committed(groupId: string, topic: string): Promise<Map<number, number | null>> {
    return this.#brokers.committed(groupId, topic, await this.#brokers.partitions(topic));
  }

  async close(): Promise<void> {
    await Promise.all([this.#topics.close(), this.#brokers.close()]);
  }
}
