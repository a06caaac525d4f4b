import type { Consumer, EachBatchPayload } from 'kafkajs';
import { backoff } from '../errors.ts';
import type { Batch, ConsumerOptions, RunningConsumer, TopicPartition } from '../port.ts';
import { startOf } from '../position.ts';
import { FENCED_WAIT_MS, FETCH_WAIT_MS, HUNG_MS, type KafkaConfig, logOf, SESSION } from '../settings.ts';
import { newClient, RETRY } from './client.ts';
import { Directory } from './directory.ts';
import { isEvicted, isFenced, isRetryable, toPortError } from './errors.ts';
import { toInput } from './records.ts';

/** How often a handler at work is kept in the group by us, until it hangs. */
const BEAT_MS = 2_000;

/** What the whole consumer waits for, in the set of what waits. */
const GROUP = 'group';

/** kafkajs's batch knows the offset it was asked for; its types do not say so. */
type FetchedBatch = EachBatchPayload['batch'] & { fetchedOffset: string };

/** One assignment of one partition; a new one is made at every rebalance. */
interface Held extends TopicPartition {
  /** Positioned, and not waiting after a failure: batches may be handled. */
  ready: boolean;
  /** The offset the next batch is fetched from. */
  expected: number;
  /** Where kafkajs went on by itself from `expected`, over markers and aborted records. */
  passedOver: number | null;
  failures: number;
  timer: NodeJS.Timeout | null;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

class Session implements RunningConsumer {
  readonly #options: ConsumerOptions;
  readonly #config: KafkaConfig;
  readonly #consumer: Consumer;
  readonly #directory: Directory;
  #held = new Map<string, Held>();
  /** Handlers at work, across assignments. */
  readonly #atWork = new Map<string, Promise<void>>();
  readonly #waiting = new Set<string>();
  #toldWaiting = false;
  #stopping = false;
  #dead = false;

  constructor(config: KafkaConfig, options: ConsumerOptions) {
    this.#config = config;
    this.#options = options;
    this.#directory = new Directory(config);
    this.#consumer = newClient(config, (message, fields) => this.#watch(message, fields)).consumer({
      ...SESSION,
      groupId: options.groupId,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 1_048_576,
      retry: RETRY,
      allowAutoTopicCreation: false,
      readUncommitted: false,
    });
  }

  async start(): Promise<void> {
    const { GROUP_JOIN, CRASH, START_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#assigned(payload.memberAssignment);
      if (this.#held.size === 0) this.#recovered(GROUP);
    });
    this.#consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      const held = this.#held.get(nameOf(payload));
      if (payload.batchSize === 0 && held?.ready === true) held.passedOver = Number(payload.lastOffset) + 1;
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart && !isRetryable(payload.error)) return this.#die(payload.error);
      this.#assigned({});
      this.#wait(GROUP, toPortError(payload.error));
      // The rest kafkajs starts again by itself.
      if (!payload.restart) this.#run().catch((error) => this.#die(error));
    });
    await this.#run();
  }

  async #run(): Promise<void> {
    await this.#connect();
    if (this.#stopping) return;
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.concurrency ?? 1,
      eachBatch: (payload) => this.#receive(payload),
    });
  }

  async #connect(): Promise<void> {
    for (let attempt = 0; !this.#stopping; attempt++) {
      try {
        await this.#consumer.connect();
        await this.#consumer.subscribe({ topics: this.#options.topics, fromBeginning: true });
        return;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        this.#wait(GROUP, toPortError(error));
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /** kafkajs tells of a position outside the log only in its log, and commits one of its own. */
  #watch(message: string, fields: object): void {
    if (message.startsWith('Offset out of range')) {
      this.#die(new Error(`POSICAO_FORA_DO_LOG: o log foi cortado durante a leitura: ${JSON.stringify(fields)}`));
    }
  }

  /** Synchronous up to the pause, so that no batch of the new assignment comes before its position is known. */
  #assigned(assignment: Record<string, number[]>): void {
    const before = this.#held;
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    for (const held of before.values()) clearTimeout(held.timer ?? undefined);
    this.#held = new Map(
      partitions.map((tp) => [
        nameOf(tp),
        { ...tp, ready: false, expected: 0, passedOver: null, failures: 0, timer: null },
      ]),
    );
    this.#waiting.clear();
    for (const tp of partitions) this.#pause(tp);
    const revoked = [...before.values()].filter((held) => !this.#held.has(nameOf(held)));
    const taken = [...this.#held.values()];
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
    held.expected = offset;
    held.passedOver = null;
    held.ready = true;
    this.#inGroup(() => {
      this.#consumer.seek({ topic: held.topic, partition: held.partition, offset: String(offset) });
      this.#consumer.resume([{ topic: held.topic, partitions: [held.partition] }]);
    });
  }

  /** kafkajs throws while it is between two groups; the next one gives a new assignment, positioned anew. */
  #inGroup(action: () => void): void {
    try {
      action();
    } catch (error) {
      logOf(this.#config).debug({ error: String(error) }, 'fora do grupo');
    }
  }

  #pause({ topic, partition }: TopicPartition): void {
    this.#inGroup(() => this.#consumer.pause([{ topic, partitions: [partition] }]));
  }

  #owns(held: Held): boolean {
    return this.#held.get(nameOf(held)) === held && !this.#dead;
  }

  /** Batches queued before a rebalance or a seek still arrive: only one fetched from where we stand is handled. */
  async #receive(payload: EachBatchPayload): Promise<void> {
    const held = this.#held.get(nameOf(payload.batch));
    if (held === undefined || !held.ready || this.#stopping || this.#dead) return;
    const { fetchedOffset } = payload.batch as FetchedBatch;
    const fetched = Number(fetchedOffset);
    if (fetched !== held.expected && fetched !== held.passedOver) return this.#goOn(held, held.expected);
    held.expected = fetched;
    const work = this.#handle(held, payload);
    this.#atWork.set(nameOf(held), work);
    await work;
    if (this.#atWork.get(nameOf(held)) === work) this.#atWork.delete(nameOf(held));
  }

  async #handle(held: Held, payload: EachBatchPayload): Promise<void> {
    let beats = 0;
    const timer = setInterval(() => ++beats * BEAT_MS <= HUNG_MS && this.#beat(held, payload), BEAT_MS);
    try {
      const outcome = await this.#options.onBatch(this.#view(held, payload));
      if (!this.#owns(held)) return;
      if (outcome.kind === 'seek') return this.#goOn(held, outcome.offset);
      await this.#done(held, payload);
    } catch (error) {
      this.#failed(held, error);
    } finally {
      clearInterval(timer);
    }
  }

  #view(held: Held, { batch, ...payload }: EachBatchPayload): Batch {
    return {
      topic: batch.topic,
      partition: batch.partition,
      records: batch.messages.map(toInput),
      highWatermark: Number(batch.highWatermark),
      isStillOurs: () => this.#owns(held),
      heartbeat: () => this.#beat(held, { batch, ...payload }),
    };
  }

  async #beat(held: Held, payload: EachBatchPayload): Promise<void> {
    try {
      await payload.heartbeat();
    } catch (error) {
      // kafkajs beats again after the batch, and joins the group anew on the same error.
      if (isEvicted(error) && this.#owns(held)) this.#held.delete(nameOf(held));
    }
  }

  async #done(held: Held, { batch, resolveOffset, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    const last = batch.messages.at(-1);
    if (last !== undefined) resolveOffset(last.offset);
    held.expected = Number(batch.lastOffset()) + 1;
    held.passedOver = null;
    held.failures = 0;
    this.#recovered(nameOf(held));
    if (this.#options.commit === 'never') return;
    const partitions = [{ partition: held.partition, offset: String(held.expected) }];
    try {
      await commitOffsetsIfNecessary({ topics: [{ topic: held.topic, partitions }] });
    } catch (error) {
      // The next commit makes up for it; without one the batch is handed again, which `after-batch` allows.
      logOf(this.#config).warn({ topic: held.topic, partition: held.partition, error: String(error) }, 'sem commit');
    }
  }

  #failed(held: Held, error: unknown): void {
    const fenced = isFenced(error);
    if (!fenced && !isRetryable(error)) this.#die(error);
    if (!this.#owns(held)) return;
    held.ready = false;
    this.#pause(held);
    this.#wait(nameOf(held), toPortError(error));
    const wait = backoff(held.failures++);
    held.timer = setTimeout(
      () => {
        if (!this.#owns(held) || this.#stopping) return;
        if (fenced) void this.#settle([], [held]);
        else this.#goOn(held, held.expected);
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
    if (this.#dead) return;
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
    this.#pause(held);
    void this.#settle([], [held]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const held of this.#held.values()) clearTimeout(held.timer ?? undefined);
    await Promise.all(this.#atWork.values());
    const held = [...this.#held.values()];
    await this.#released(held);
    this.#held.clear();
    await this.#consumer.disconnect();
    await this.#directory.close();
  }
}

/** Joins the group and returns; while the brokers are away it waits, telling `onWaiting`. */
export async function consume(config: KafkaConfig, options: ConsumerOptions): Promise<RunningConsumer> {
  const session = new Session(config, options);
  await session.start();
  return session;
}
