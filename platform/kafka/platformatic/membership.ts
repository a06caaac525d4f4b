import { type ConsumerOptions as ClientOptions, Consumer } from '@platformatic/kafka';
import { backoff } from '../errors.ts';
import type { TopicPartition } from '../port.ts';
import { type KafkaConfig, logOf, SESSION } from '../settings.ts';
import { isRetryable, toPortError } from './errors.ts';
import { optionsOf } from './link.ts';

/** Partitions that stay with their member are not taken away in a rebalance. */
const PROTOCOLS = [{ name: 'cooperative-sticky', version: 3 }];

export interface MembershipEvents {
  /**
   * What this member holds from now on. `unbroken` is false where it may have been out of the group meanwhile, so that
   * what it held before may have been another's.
   */
  assigned(partitions: TopicPartition[], unbroken: boolean): void;
  /** The group is not to be reached; null once it is again. */
  away(cause: Error | null): void;
  fatal(error: unknown): void;
}

/** A member of a group: the client's own consumer, of which nothing but the membership is used. */
export class Membership {
  readonly #consumer: Consumer;
  readonly #events: MembershipEvents;
  readonly #log: ReturnType<typeof logOf>;
  #member: string | null = null;
  #generation = 0;
  #left = false;

  constructor(config: KafkaConfig, groupId: string, topics: readonly string[], events: MembershipEvents) {
    this.#events = events;
    this.#log = logOf(config);
    const options: ClientOptions<Buffer, Buffer, Buffer, Buffer> = {
      ...optionsOf(config),
      ...SESSION,
      groupId,
      protocols: PROTOCOLS,
      retries: 3,
    };
    this.#consumer = new Consumer(options);
    this.#consumer.topics.trackAll(...topics);
    this.#consumer.on('consumer:group:join', () => this.#told());
    // In the middle of a rebalance: what is to be given up is already gone from the assignment.
    this.#consumer.on('consumer:group:rebalance', () => this.#told());
    this.#consumer.on('consumer:heartbeat:error', ({ error }) => this.#events.away(toPortError(error)));
    this.#consumer.on('consumer:heartbeat:end', () => this.#events.away(null));
    // The client has given up joining again.
    this.#consumer.on('error', (error: Error) => void this.#rejoin(error));
  }

  get member(): { memberId: string; generation: number } {
    return { memberId: this.#consumer.memberId ?? '', generation: this.#consumer.generationId };
  }

  #told(): void {
    if (this.#left || this.#consumer.assignments === null) return;
    const { memberId, generationId, assignments } = this.#consumer;
    const unbroken = memberId === this.#member && generationId <= this.#generation + 1;
    this.#member = memberId;
    this.#generation = generationId;
    const held = assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    this.#events.assigned(held, unbroken);
  }

  async #rejoin(error: Error): Promise<void> {
    if (this.#left) return;
    this.#log.warn({ error: String(error) }, 'fora do grupo');
    try {
      if (!isRetryable(error)) throw error;
      await this.join();
    } catch (cause) {
      this.#events.fatal(cause);
    }
  }

  /** Joins, however long the brokers are away. @throws what no waiting cures */
  async join(): Promise<void> {
    for (let attempt = 0; !this.#left; attempt++) {
      try {
        await this.#consumer.joinGroup({});
        this.#events.away(null);
        return;
      } catch (error) {
        if (this.#left) return;
        if (!isRetryable(error)) throw error;
        this.#consumer.clearMetadata();
        this.#events.away(toPortError(error));
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.#consumer.close(true).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'saída do grupo sem aviso');
    });
  }
}
