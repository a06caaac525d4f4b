import { offsetCommitV8 } from '@platformatic/kafka';
import { READ_COMMITTED } from '../brokers.ts';
import { backoff } from '../errors.ts';
import type { Batch, ConsumerOptions, RunningConsumer, TopicPartition } from '../port.ts';
import { startOf } from '../position.ts';
import { FENCED_WAIT_MS, FETCH_WAIT_MS, HUNG_MS, type KafkaConfig, logOf } from '../settings.ts';
import { Directory } from './directory.ts';
import { isFenced, isRetryable, toPortError } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { type Fetched, type Held, nameOf, parts } from './held.ts';
import { GROUP, Link } from './link.ts';
import { Membership } from './membership.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 1_048_576;
/** Batches of a partition kept at hand beside the one at work. */
const PREFETCHED = 2;

/** What the whole consumer waits for, in the set of what waits. */
const THE_GROUP = 'group';

class Session implements RunningConsumer {
  readonly #options: ConsumerOptions;
  readonly #config: KafkaConfig;
  readonly #directory: Directory;
  readonly #link: Link;
  readonly #membership: Membership;
  readonly #fetcher: Fetcher<Held>;
  #held = new Map<string, Held>();
  /** Handlers at work, across assignments. */
  readonly #atWork = new Map<string, Promise<void>>();
  readonly #waiting = new Set<string>();
  #turns = 0;
  #toldWaiting = false;
  #stopping = false;
  #dead = false;

  constructor(config: KafkaConfig, options: ConsumerOptions) {
    this.#config = config;
    this.#options = options;
    this.#directory = new Directory(config);
    this.#link = new Link(config);
    this.#membership = new Membership(config, options.groupId, options.topics, {
      assigned: (partitions, unbroken) => this.#assigned(partitions, unbroken),
      away: (cause) => (cause === null ? this.#recovered(THE_GROUP) : this.#wait(THE_GROUP, cause)),
      fatal: (error) => this.#die(error),
    });
    const maxBytesPerPartition = options.maxBytesPerPartition ?? MAX_BYTES_PER_PARTITION;
    this.#fetcher = new Fetcher(
      config,
      READ_COMMITTED,
      { maxWait: FETCH_WAIT_MS, maxBytes: MAX_BYTES, maxBytesPerPartition },
      {
        wanted: () => this.#wanted(),
        all: () => this.#wanted().length === this.#held.size,
        fetched: (held, from, step) => this.#fetched(held, from, step),
        away: (what, cause) => (cause === null ? this.#recovered(what) : this.#wait(what, cause)),
        fatal: (error) => this.#die(error),
      },
    );
  }

  start(): Promise<void> {
    return this.#membership.join();
  }

  #assigned(partitions: readonly TopicPartition[], unbroken: boolean): void {
    if (this.#stopping || this.#dead) return;
    const before = this.#held;
    const taken: Held[] = [];
    this.#held = new Map(
      partitions.map((tp) => {
        const kept = unbroken ? before.get(nameOf(tp)) : undefined;
        if (kept !== undefined) return [nameOf(tp), kept];
        const { topic, partition } = tp;
        const held = {
          topic,
          partition,
          offset: 0,
          ready: false,
          queue: [],
          busy: false,
          turn: 0,
          failures: 0,
          timer: null,
        };
        taken.push(held);
        return [nameOf(tp), held];
      }),
    );
    for (const held of before.values()) {
      if (this.#owns(held)) continue;
      clearTimeout(held.timer ?? undefined);
      this.#waiting.delete(nameOf(held));
    }
    const revoked = [...before.values()].filter((held) => !this.#held.has(nameOf(held)));
    void this.#settle(revoked, taken);
  }

  async #settle(revoked: readonly Held[], taken: readonly Held[]): Promise<void> {
    try {
      await this.#released(revoked);
      await Promise.all(taken.map((held) => this.#position(held)));
    } catch (error) {
      this.#die(error);
    }
  }

  async #released(revoked: readonly Held[]): Promise<void> {
    if (revoked.length === 0) return;
    await Promise.all(revoked.map((held) => this.#atWork.get(nameOf(held))));
    await this.#options.onRevoked?.(revoked.map(({ topic, partition }) => ({ topic, partition })));
  }

  /** Asks where the partition begins until it is known, then lets its batches come. */
  async #position(held: Held): Promise<void> {
    while (this.#owns(held) && !this.#stopping) {
      try {
        await this.#atWork.get(nameOf(held));
        const start = await startOf(this.#directory, this.#options, held, logOf(this.#config));
        if (!this.#owns(held) || this.#stopping) return;
        this.#goOn(held, start);
        this.#recovered(nameOf(held));
        return;
      } catch (error) {
        if (!isRetryable(error) && !isFenced(error)) throw error;
        this.#wait(nameOf(held), toPortError(error));
        await new Promise((resolve) => setTimeout(resolve, backoff(held.failures++)));
      }
    }
  }

  #goOn(held: Held, offset: number): void {
    held.offset = offset;
    held.queue = [];
    held.ready = true;
    this.#fetcher.pump();
  }

  #owns(held: Held): boolean {
    return this.#held.get(nameOf(held)) === held && !this.#dead;
  }

  #wanted(): Held[] {
    if (this.#stopping || this.#dead) return [];
    return [...this.#held.values()].filter((held) => held.ready && held.queue.length <= PREFETCHED);
  }

  /** An answer to a question from before a seek or a rebalance is not what is wanted now. */
  #fetched(held: Held, from: number, step: Fetched): void {
    if (!this.#owns(held) || !held.ready || held.offset !== from) return;
    held.offset = step.next;
    if (step.records.length === 0) return;
    const most = this.#options.maxBytesPerPartition ?? MAX_BYTES_PER_PARTITION;
    for (const part of parts(step, most)) held.queue.push(part);
    this.#schedule();
  }

  /** Lets the partitions that have waited longest be handled, as many at a time as may. */
  #schedule(): void {
    while (!this.#stopping && !this.#dead && this.#atWork.size < (this.#options.concurrency ?? 1)) {
      let next: Held | undefined;
      for (const held of this.#held.values()) {
        const can = held.ready && !held.busy && held.timer === null && held.queue.length > 0;
        if (can && !this.#atWork.has(nameOf(held)) && (next === undefined || held.turn < next.turn)) next = held;
      }
      const batch = next?.queue[0];
      if (next === undefined || batch === undefined) return;
      this.#work(next, batch);
    }
  }

  #work(held: Held, batch: Fetched): void {
    held.busy = true;
    held.turn = ++this.#turns;
    const work = this.#handle(held, batch).finally(() => {
      held.busy = false;
      this.#atWork.delete(nameOf(held));
      this.#schedule();
      this.#fetcher.pump();
    });
    this.#atWork.set(nameOf(held), work);
  }

  async #handle(held: Held, batch: Fetched): Promise<void> {
    const hung = () => this.#die(new Error(`o lote de ${nameOf(held)} não termina`));
    const watch = setTimeout(hung, HUNG_MS);
    try {
      const outcome = await this.#options.onBatch(this.#view(held, batch, watch));
      if (!this.#owns(held)) return;
      if (outcome.kind === 'seek') return this.#goOn(held, outcome.offset);
      held.queue.shift();
      held.failures = 0;
      this.#recovered(nameOf(held));
      if (this.#options.commit === 'after-batch') await this.#commit(held, batch.next);
    } catch (error) {
      this.#failed(held, error);
    } finally {
      clearTimeout(watch);
    }
  }

  #view(held: Held, batch: Fetched, watch: NodeJS.Timeout): Batch {
    return {
      topic: held.topic,
      partition: held.partition,
      records: batch.records,
      highWatermark: batch.highWatermark,
      isStillOurs: () => this.#owns(held),
      // The client beats by itself; what is told here is that the handler does not hang.
      heartbeat: async () => {
        watch.refresh();
      },
    };
  }

  async #commit({ topic, partition }: Held, offset: number): Promise<void> {
    const { memberId, generation } = this.#membership.member;
    const partitions = [{ partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 }];
    try {
      await this.#link.ask(async () => {
        const { groupId } = this.#options;
        const coordinator = await this.#link.coordinator(GROUP, groupId);
        const topics = [{ name: topic, partitions }];
        await offsetCommitV8.api.async(coordinator, groupId, generation, memberId, null, topics);
      });
    } catch (error) {
      // The next commit makes up for it; without one the batch is handed again, which `after-batch` allows.
      logOf(this.#config).warn({ topic, partition, error: String(error) }, 'sem commit');
    }
  }

  #failed(held: Held, error: unknown): void {
    const fenced = isFenced(error);
    if (!fenced && !isRetryable(error)) this.#die(error);
    if (!this.#owns(held)) return;
    this.#wait(nameOf(held), toPortError(error));
    if (fenced) {
      held.ready = false;
      held.queue = [];
    }
    const wait = backoff(held.failures++);
    held.timer = setTimeout(
      () => {
        held.timer = null;
        if (!this.#owns(held) || this.#stopping) return;
        if (fenced) void this.#settle([], [held]);
        else this.#schedule();
      },
      fenced ? Math.max(wait, FENCED_WAIT_MS) : wait,
    );
  }

  #wait(what: string, cause: Error): void {
    this.#waiting.add(what);
    this.#toldWaiting = true;
    this.#options.onWaiting?.(cause);
  }

  #recovered(what: string): void {
    this.#waiting.delete(what);
    if (this.#waiting.size > 0 || !this.#toldWaiting) return;
    this.#toldWaiting = false;
    this.#options.onWaiting?.(null);
  }

  #die(error: unknown): void {
    if (this.#dead || this.#stopping) return;
    this.#dead = true;
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#held.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  reposition(tp: TopicPartition): void {
    const held = this.#held.get(nameOf(tp));
    if (held === undefined || !held.ready || this.#stopping) return;
    held.ready = false;
    held.queue = [];
    void this.#settle([], [held]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const held of this.#held.values()) clearTimeout(held.timer ?? undefined);
    await Promise.all(this.#atWork.values());
    await this.#released([...this.#held.values()]);
    this.#held.clear();
    await this.#membership.leave();
    await Promise.all([this.#fetcher.close(), this.#link.close(), this.#directory.close()]);
  }
}

/** Joins the group and returns; while the brokers are away it waits, telling `onWaiting`. */
export async function consume(config: KafkaConfig, options: ConsumerOptions): Promise<RunningConsumer> {
  const session = new Session(config, options);
  await session.start();
  return session;
}
