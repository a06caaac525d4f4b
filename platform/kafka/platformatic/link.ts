import {
  type API,
  Base,
  type BaseOptions,
  type ClusterTopicMetadata,
  type Connection,
  findCoordinatorV4,
  kGetApi,
  kGetBootstrapConnection,
} from '@platformatic/kafka';
import { RetryableError } from '../../errors.ts';
import { leaderlessError } from '../brokers.ts';
import type { TopicPartition } from '../port.ts';
import { type KafkaConfig, tlsOf } from '../settings.ts';
import { toPortError } from './errors.ts';
import { patient } from './metadata.ts';

const MECHANISMS = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

export const GROUP = 0;
export const TRANSACTION = 1;

export function optionsOf({ brokers, clientId, sasl, ...secure }: KafkaConfig): BaseOptions {
  const tls = tlsOf(secure);
  return {
    clientId,
    bootstrapBrokers: brokers,
    connectTimeout: 5_000,
    requestTimeout: 30_000,
    timeout: 30_000,
    retries: 2,
    retryDelay: 200,
    metadataMaxAge: 300_000,
    autocreateTopics: false,
    ...(tls === null ? {} : { tls }),
    ...(sasl ? { sasl: { ...sasl, mechanism: MECHANISMS[sasl.mechanism] } } : {}),
  };
}

/**
 * Connections to the brokers, one to each, without group or producer: what the protocol has is asked for request by
 * request. A broker answers what comes over one connection in order, so what may wait long needs a link of its own.
 */
export class Link {
  readonly #base: Base;
  readonly #coordinators = new Map<string, number>();

  constructor(config: KafkaConfig) {
    this.#base = patient(new Base(optionsOf(config)));
  }

  /** After any error the brokers are asked anew who leads what. @throws port errors */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      this.forget();
      throw toPortError(error);
    }
  }

  /** What is known of leaders and coordinators may no longer be true. */
  forget(): void {
    this.#base.clearMetadata();
    this.#coordinators.clear();
  }

  async topics(names: readonly string[]): Promise<Map<string, ClusterTopicMetadata>> {
    const { topics } = await this.#base.metadata({ topics: [...names] });
    for (const name of names) {
      if (topics.get(name) === undefined) throw new RetryableError(`o tópico ${name} ainda não é conhecido`);
    }
    return topics;
  }

  /** null: it has none now */
  async leaderNow({ topic, partition }: TopicPartition): Promise<number | null> {
    const cached = this.#base.currentMetadata?.topics;
    const known = cached?.has(topic) ? cached : await this.topics([topic]);
    const leader = known.get(topic)?.partitions[partition]?.leader ?? -1;
    return leader < 0 ? null : leader;
  }

  /** @throws RetryableError it has none now */
  async leader(topic: string, partition: number): Promise<number> {
    const leader = await this.leaderNow({ topic, partition });
    if (leader === null) throw leaderlessError({ topic, partition });
    return leader;
  }

  async connection(nodeId: number): Promise<Connection> {
    const { brokers } = this.#base.currentMetadata ?? (await this.#base.metadata({ topics: [] }));
    const broker = brokers.get(nodeId);
    if (broker === undefined) throw new RetryableError(`o servidor ${nodeId} do Kafka não é conhecido`);
    return this.#base.connections.get(broker);
  }

  async coordinator(type: typeof GROUP | typeof TRANSACTION, key: string): Promise<Connection> {
    const name = `${type}/${key}`;
    let nodeId = this.#coordinators.get(name);
    if (nodeId === undefined) {
      const { coordinators } = await findCoordinatorV4.api.async(await this.#bootstrap(), type, [key]);
      nodeId = coordinators[0]?.nodeId ?? -1;
      this.#coordinators.set(name, nodeId);
    }
    return this.connection(nodeId);
  }

  #bootstrap(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#base[kGetBootstrapConnection]((error, connection) => {
        if (error || connection === undefined) reject(error);
        else resolve(connection);
      });
    });
  }

  /** The newest version of a request that both sides know. */
  api<Arguments extends unknown[], Answer>(name: string): Promise<API<Arguments, Answer>> {
    return new Promise((resolve, reject) => {
      this.#base[kGetApi]<Arguments, Answer>(name, (error, api) => {
        if (error || api === undefined) reject(error);
        else resolve(api);
      });
    });
  }

  async close(): Promise<void> {
    await this.#base.close();
  }
}
