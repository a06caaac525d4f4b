import type { Consumer } from 'kafkajs';
import type { Member, Membership, MembershipEvents, MembershipOptions } from '../driver.ts';
import { backoff } from '../errors.ts';
import type { Cursor } from '../port.ts';
import { FETCH, type KafkaConfig, logOf, SESSION } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { isRetryable, toPortError } from './errors.ts';
import { generationOf, newCluster } from './internals.ts';

/** Of a coordinator that is away; by then the session is over too. */
const LEAVE_ATTEMPTS = 8;

/**
 * A member of a group: kafkajs's consumer with all its partitions paused for ever, so that it joins, beats and joins
 * again, and nothing else: what it would fetch and hand over comes with traps (docs/kafka-clients.md).
 */
export class GroupMember implements Membership {
  readonly #consumer: Consumer;
  readonly #config: KafkaConfig;
  readonly #options: MembershipOptions;
  readonly #events: MembershipEvents;
  #member: Member = { memberId: '', generation: -1, instanceId: null };
  #left = false;

  constructor(config: KafkaConfig, options: MembershipOptions, events: MembershipEvents) {
    this.#config = config;
    this.#options = options;
    this.#events = events;
    this.#consumer = newClient(config).consumer({
      ...SESSION,
      groupId: options.groupId,
      // Of nothing to fetch: how often it looks whether to beat.
      maxWaitTimeInMs: FETCH.maxWait,
      retry: RETRY,
      allowAutoTopicCreation: false,
    });
    const { GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(payload.memberId, payload.memberAssignment));
    this.#consumer.on(CRASH, ({ payload }) => this.#crashed(payload.error, payload.restart));
  }

  get member(): Member {
    return this.#member;
  }

  /** Synchronous up to the pause, so that kafkajs fetches nothing. */
  #joined(memberId: string, assignment: Record<string, number[]>): void {
    if (this.#left) return;
    const topics = Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions }));
    this.#consumer.pause(topics);
    this.#member = { memberId, generation: generationOf(memberId), instanceId: null };
    const held = topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
    // Every rebalance takes everything away first.
    this.#events.assigned(held, false);
    this.#events.away(null);
  }

  #crashed(error: Error, restarts: boolean): void {
    if (this.#left) return;
    if (!restarts && !isRetryable(error)) {
      this.#events.fatal(toPortError(error));
      return;
    }
    this.#events.assigned([], false);
    this.#events.away(toPortError(error));
    void this.#leaveAs(this.#member.memberId);
    // The rest kafkajs starts again by itself.
    if (!restarts) this.join().catch((cause) => this.#events.fatal(cause));
  }

  /** kafkajs begins anew as a stranger: its group would wait for who it was until that one's session is over. */
  async #leaveAs(memberId: string): Promise<void> {
    const { groupId } = this.#options;
    const cluster = newCluster(this.#config);
    for (let attempt = 0; attempt < LEAVE_ATTEMPTS && !this.#left && memberId !== ''; attempt++) {
      try {
        await cluster.connect();
        const coordinator = await cluster.findGroupCoordinator({ groupId });
        await coordinator.leaveGroup({ groupId, memberId });
        break;
      } catch (error) {
        // It is not in the group any more, or cannot be taken out.
        if (!isRetryable(error) || (error as { type?: string }).type === 'UNKNOWN_MEMBER_ID') break;
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
    await cluster.disconnect().catch(() => undefined);
  }

  async join(): Promise<void> {
    await this.#connect();
    if (this.#left) return;
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
  }

  async #connect(): Promise<void> {
    for (let attempt = 0; !this.#left; attempt++) {
      try {
        await this.#consumer.connect();
        await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
        return;
      } catch (error) {
        if (!isRetryable(error)) throw toPortError(error);
        this.#events.away(toPortError(error));
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  async commit(offsets: readonly Cursor[]): Promise<void> {
    try {
      await this.#consumer.commitOffsets(offsets.map((o) => ({ ...o, offset: String(o.offset) })));
    } catch (error) {
      throw toPortError(error);
    }
  }

  async leave(): Promise<void> {
    this.#left = true;
    await this.#consumer.disconnect().catch((error: unknown) => {
      logOf(this.#config).warn({ error: String(error) }, 'saída do grupo sem aviso');
    });
  }
}
