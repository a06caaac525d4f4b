import {
  type ConsumerOptions as ClientOptions,
  Consumer,
  consumerHeartbeatChannel,
  offsetCommitV8,
} from '@platformatic/kafka';
import type { Member, Membership, MembershipEvents, MembershipOptions } from '../driver.ts';
import { backoff } from '../errors.ts';
import type { Cursor } from '../port.ts';
import { type KafkaConfig, logOf, SESSION } from '../settings.ts';
import { evenly } from './assignment.ts';
import { isFenced, isOtherInstance, isRetryable, toPortError } from './errors.ts';
import { GROUP, Link, optionsOf } from './link.ts';
import { patient } from './metadata.ts';
import { yielding } from './other-instance.ts';
import { offsetsOf } from './transactions.ts';

/** Partitions that stay with their member are not taken away in a rebalance. */
const PROTOCOLS = [{ name: 'cooperative-sticky', version: 3 }];

/** A member of a group: the client's own consumer, of which nothing but the membership is used. */
export class GroupMember implements Membership {
  readonly #consumer: Consumer;
  readonly #link: Link;
  readonly #options: MembershipOptions;
  readonly #events: MembershipEvents;
  readonly #log: ReturnType<typeof logOf>;
  #member: Member;
  #left = false;

  constructor(config: KafkaConfig, options: MembershipOptions, events: MembershipEvents) {
    const { groupId, topics, instanceId } = options;
    this.#options = options;
    this.#events = events;
    this.#log = logOf(config);
    this.#link = new Link(config);
    this.#member = { memberId: '', generation: 0, instanceId };
    const clientOptions: ClientOptions<Buffer, Buffer, Buffer, Buffer> = {
      ...optionsOf(config),
      ...SESSION,
      groupId,
      protocols: PROTOCOLS,
      partitionAssigner: evenly,
      retries: 3,
      ...(instanceId === null ? {} : { groupInstanceId: instanceId }),
    };
    this.#consumer = yielding(patient(new Consumer(clientOptions)));
    this.#consumer.topics.trackAll(...topics);
    this.#consumer.on('consumer:group:join', () => this.#told());
    // In the middle of a rebalance: what is to be given up is already gone from the assignment.
    this.#consumer.on('consumer:group:rebalance', () => this.#told());
    consumerHeartbeatChannel.error.subscribe(this.#beat);
    this.#consumer.on('consumer:heartbeat:error', ({ error }) => this.#events.away(toPortError(error)));
    this.#consumer.on('consumer:heartbeat:end', () => this.#events.away(null));
    // The client has given up joining again.
    this.#consumer.on('error', (error: Error) => void this.#rejoin(error));
  }

  get member(): Member {
    return this.#member;
  }

  #told(): void {
    if (this.#left || this.#consumer.assignments === null) return;
    const { generationId: generation, assignments } = this.#consumer;
    const memberId = this.#consumer.memberId ?? '';
    const unbroken = memberId === this.#member.memberId && generation <= this.#member.generation + 1;
    this.#member = { ...this.#member, memberId, generation };
    const held = assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    this.#events.assigned(held, unbroken);
  }

  /** Under a name that another process took the client would join again, and throw that one out in turn. */
  readonly #beat = (message: unknown): void => {
    const { client, error } = message as { client: unknown; error?: unknown };
    if (client !== this.#consumer || !isOtherInstance(error)) return;
    this.#consumer.groupInstanceId = null;
    this.#events.fatal(toPortError(error));
  };

  async #rejoin(error: Error): Promise<void> {
    if (this.#left) return;
    this.#log.warn({ error: String(error) }, 'fora do grupo');
    try {
      if (!isRetryable(error) && !isFenced(error)) throw error;
      await this.join();
    } catch (cause) {
      this.#events.fatal(toPortError(cause));
    }
  }

  async join(): Promise<void> {
    for (let attempt = 0; !this.#left; attempt++) {
      try {
        await this.#consumer.joinGroup({});
        this.#events.away(null);
        if (this.#options.instanceId !== null) this.#joinAgain();
        return;
      } catch (error) {
        if (this.#left) return;
        if (!isRetryable(error) && !isFenced(error)) throw toPortError(error);
        this.#consumer.clearMetadata();
        this.#events.away(toPortError(error));
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /**
   * Who comes back under its name is given, without a rebalance, what its predecessor was to hold. Where that one died
   * before it had given up what another is to have, nobody has it, and nobody asks: so we say what we hold, as the
   * predecessor would have. Meanwhile all members keep what they have and work on.
   */
  #joinAgain(): void {
    this.#consumer.joinGroup({}).catch((error: Error) => this.#rejoin(error));
  }

  commit(offsets: readonly Cursor[]): Promise<void> {
    const { memberId, generation, instanceId } = this.#member;
    return this.#link.ask(async () => {
      const { groupId } = this.#options;
      const coordinator = await this.#link.coordinator(GROUP, groupId);
      await offsetCommitV8.api.async(coordinator, groupId, generation, memberId, instanceId, offsetsOf(offsets));
    });
  }

  async leave(): Promise<void> {
    this.#left = true;
    consumerHeartbeatChannel.error.unsubscribe(this.#beat);
    await this.#consumer.close(true).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'saída do grupo sem aviso');
    });
    await this.#link.close();
  }
}
