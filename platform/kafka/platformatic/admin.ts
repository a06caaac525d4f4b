import { Admin } from '@platformatic/kafka';
import { READ_COMMITTED } from '../brokers.ts';
import { backoff } from '../errors.ts';
import type { KafkaAdmin, PartitionOffsets, TopicSpec } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { Directory } from './directory.ts';
import { isRetryable, isThere, toPortError } from './errors.ts';
import { optionsOf } from './link.ts';

const LEADER_ATTEMPTS = 8;

class PlatformaticAdmin implements KafkaAdmin {
  readonly #admin: Admin;
  readonly #directory: Directory;

  constructor(config: KafkaConfig) {
    this.#admin = new Admin(optionsOf(config));
    this.#directory = new Directory(config);
  }

  async connect(): Promise<void> {
    try {
      await this.#admin.metadata({ topics: [] });
    } catch (error) {
      throw toPortError(error);
    }
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<string[]> {
    const created: string[] = [];
    try {
      const existing = new Set(await this.#admin.listTopics());
      for (const spec of specs.filter(({ topic }) => !existing.has(topic))) {
        if (await this.#create(spec)) created.push(spec.topic);
      }
    } catch (error) {
      throw toPortError(error);
    }
    return created;
  }

  /** False where another process created it meanwhile. */
  async #create({ topic, partitions, replicationFactor, config }: TopicSpec): Promise<boolean> {
    const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
    try {
      await this.#admin.createTopics({ topics: [topic], partitions, replicas: replicationFactor, configs });
    } catch (error) {
      if (isThere(error)) return false;
      throw error;
    }
    await this.#led(topic);
    return true;
  }

  /** A topic just created takes nothing before its partitions have leaders. */
  async #led(topic: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#directory.bounds(topic, READ_COMMITTED);
        return;
      } catch (error) {
        if (!isRetryable(error) || attempt === LEADER_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  async partitionCount(topic: string): Promise<number> {
    return (await this.#directory.partitions(topic)).length;
  }

  offsets(topic: string): Promise<PartitionOffsets[]> {
    return this.#directory.bounds(topic, READ_COMMITTED);
  }

  async committed(groupId: string, topic: string): Promise<Map<number, number | null>> {
    return this.#directory.committed(groupId, topic, await this.#directory.partitions(topic));
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#directory.close()]);
  }
}

export async function newAdmin(config: KafkaConfig): Promise<KafkaAdmin> {
  const admin = new PlatformaticAdmin(config);
  await admin.connect();
  return admin;
}
