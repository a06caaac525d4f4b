import { Admin } from '@platformatic/kafka';
import type { TopicAdmin } from '../driver.ts';
import type { TopicSpec } from '../port.ts';
import type { KafkaConfig } from '../settings.ts';
import { isThere, toPortError } from './errors.ts';
import { optionsOf } from './link.ts';
import { patient } from './metadata.ts';

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw toPortError(error);
  }
}

async function create(admin: Admin, { topic, partitions, replicationFactor, config }: TopicSpec): Promise<boolean> {
  const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
  try {
    await admin.createTopics({ topics: [topic], partitions, replicas: replicationFactor, configs });
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

export async function newAdmin(config: KafkaConfig): Promise<TopicAdmin> {
  const admin = patient(new Admin(optionsOf(config)));
  await ask(() => admin.metadata({ topics: [] }));
  return {
    list: () => ask(() => admin.listTopics()),
    create: (spec) => ask(() => create(admin, spec)),
    close: () => admin.close(),
  };
}
