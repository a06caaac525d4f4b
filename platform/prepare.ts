import { type SchemaName, schemaOf } from './codec-types.ts';
import { RetryableError } from './errors.ts';
import type { Kafka } from './kafka/port.ts';
import type { Registry } from './registry.ts';
import { subjectOf, TOPIC_NAMES, TOPICS, topicSpecs } from './topics.ts';

export interface PrepareOptions {
  kafka: Kafka;
  registry: Registry;
  /** Of each event topic. */
  partitions: number;
  replicationFactor: number;
  /** How long servers may take to start, in milliseconds. */
  patience?: number;
  /** Told of each attempt that failed because a server is away. */
  onWaiting?: (cause: Error) => void;
}

export interface Prepared {
  /** Those that were missing. */
  topics: string[];
  /** Schema id by topic. */
  schemas: Record<string, number>;
}

const PAUSE_MS = 500;

async function patiently<T>(work: () => Promise<T>, until: number, onWaiting?: (cause: Error) => void): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RetryableError) || Date.now() > until) throw error;
      onWaiting?.(error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

async function createTopics({ kafka, partitions, replicationFactor }: PrepareOptions): Promise<string[]> {
  const admin = await kafka.admin();
  try {
    return await admin.ensureTopics(topicSpecs(partitions, replicationFactor));
  } finally {
    await admin.close();
  }
}

/**
 * Creates the topics that are missing and registers every value schema under FULL_TRANSITIVE. The one place that
 * does either; again, it changes nothing. @throws RetryableError a server did not come within `patience` (60 s).
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { registry, onWaiting } = options;
  const until = Date.now() + (options.patience ?? 60_000);
  const topics = await patiently(() => createTopics(options), until, onWaiting);
  const schemas: Record<string, number> = {};
  for (const topic of TOPIC_NAMES) {
    const name: SchemaName = TOPICS[topic].schema;
    schemas[topic] = await patiently(() => registry.register(subjectOf(topic), schemaOf(name)), until, onWaiting);
  }
  return { topics, schemas };
}
