import type { Admin } from 'kafkajs';
import { READ_COMMITTED } from '../brokers.ts';
import type { KafkaAdmin, PartitionOffsets, TopicSpec } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { Directory } from './directory.ts';
import { toPortError } from './errors.ts';

class KafkaJsAdmin implements KafkaAdmin {
  readonly #admin: Admin;
  readonly #directory: Directory;

  constructor(config: KafkaConfig) {
    this.#admin = newClient(config).admin({ retry: RETRY });
    this.#directory = new Directory(config);
  }

  async connect(): Promise<void> {
    try {
      await this.#admin.connect();
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
  #create(spec: TopicSpec): Promise<boolean> {
    return this.#admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: spec.topic,
          numPartitions: spec.partitions,
          replicationFactor: spec.replicationFactor,
          configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
        },
      ],
    });
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
    await Promise.all([this.#admin.disconnect(), this.#directory.close()]);
  }
}

export async function newAdmin(config: KafkaConfig): Promise<KafkaAdmin> {
  const admin = new KafkaJsAdmin(config);
  await admin.connect();
  return admin;
}
