import { RetryableError } from '../errors.ts';
import { endsWithin, pause } from '../stopping.ts';
import { type Brokers, READ_COMMITTED, type Step } from './brokers.ts';
import type { Driver, Membership } from './driver.ts';
import { backoff } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { GroupOffsets } from './group-offsets.ts';
import { type Held, nameOf, newHeld, putBack, queuedBytes, type Taken, takeRound } from './held.ts';
import { Pace } from './pace.ts';
import type { ConsumerOptions, Cursor, RunningConsumer, TopicPartition } from './port.ts';
import { startOf } from './position.ts';
import { Rhythm } from './rhythm.ts';
import { RoundView } from './round.ts';
import type { Slice } from './rounds.ts';
import { FETCH, HUNG_MS, type KafkaConfig, logOf, nameInGroup, PREFETCHED_BYTES, ROUND, STOP } from './settings.ts';
import { Transactor } from './transactor.ts';
import { Waiting } from './waiting.ts';

/** What the whole consumer waits for, in the set of what waits. */
const THE_GROUP = 'grupo';

/** A member of a group that hands its partitions' records over in rounds. */
export class Session<S extends Slice> implements RunningConsumer {
  readonly #options: ConsumerOptions;
  readonly #config: KafkaConfig;
  readonly #known: { brokers: Brokers; offsets: GroupOffsets };
  readonly #membership: Membership;
  readonly #fetcher: Fetcher<Held>;
  readonly #transactor: Transactor<S>;
  readonly #pace: Pace;
  readonly #rhythm = new Rhythm();
  readonly #waiting: Waiting;
  #held = new Map<string, Held>();
  /** Rounds at work, by each partition in them, across assignments. */
  readonly #atWork = new Map<string, Promise<void>>();
  #rounds = 0;
  #turns = 0;
  readonly #stop = new AbortController();
  #dead = false;
  /** What a round that was to end first, or what else stops, came to. */
  #diedStopping: Error | null = null;

  constructor(driver: Driver<S>, config: KafkaConfig, options: ConsumerOptions) {
    this.#config = config;
    this.#options = options;
    const [brokers, { groupId, topics }] = [driver.brokers(), options];
    this.#known = { brokers, offsets: new GroupOffsets(brokers, groupId) };
    this.#waiting = new Waiting(options.onWaiting);
    const { instanceId, transactionalId } = nameInGroup(groupId, driver.staticMembership ? config.instance : null);
    this.#membership = driver.membership(
      { groupId, topics, instanceId },
      {
        assigned: (partitions, unbroken) => this.#assigned(partitions, unbroken),
        away: (cause) => this.#waiting.set(THE_GROUP, cause),
        fatal: (error) => this.#die(error),
      },
    );
    this.#fetcher = new Fetcher(driver.brokers(), READ_COMMITTED, FETCH, {
      wanted: () => this.#wanted(),
      held: () => [...this.#held.values()],
      fetched: (held, from, step) => this.#fetched(held, from, step),
      away: (what, cause) => this.#waiting.set(what, cause),
      fatal: (error) => this.#die(error),
    });
    const log = logOf(config);
    const member = () => this.#membership.member;
    this.#transactor = new Transactor(driver, this.#known, { groupId, transactionalId, member, log });
    this.#pace = new Pace((offsets) => this.#membership.commit(offsets), log);
  }

  get #stopping(): boolean {
    return this.#stop.signal.aborted;
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
        const held = newHeld(tp);
        taken.push(held);
        return [nameOf(tp), held];
      }),
    );
    for (const held of before.values()) {
      if (this.#owns(held)) continue;
      clearTimeout(held.timer ?? undefined);
      this.#waiting.set(nameOf(held), null);
      this.#pace.forget(held);
    }
    const revoked = [...before.values()].filter((held) => !this.#held.has(nameOf(held)));
    void this.#settle(revoked, taken);
  }

  async #settle(revoked: readonly Held[], taken: readonly Held[]): Promise<void> {
    try {
      await Promise.all([...revoked.map((held) => this.#released(held)), ...taken.map((held) => this.#position(held))]);
    } catch (error) {
      this.#die(error);
    }
  }

  /** Each partition by itself: what was assigned back meanwhile stays, though another one's round goes on. */
  async #released(held: Held): Promise<void> {
    await this.#atWork.get(nameOf(held));
    if (this.#held.has(nameOf(held))) return;
    await this.#options.onRevoked?.([place(held)]);
  }

  /** Asks where the partition begins until it is known, then lets its records come. */
  async #position(held: Held): Promise<void> {
    while (this.#owns(held) && !this.#stopping) {
      try {
        await this.#atWork.get(nameOf(held));
        const start = await startOf(this.#known, this.#options, held, logOf(this.#config));
        if (!this.#owns(held) || this.#stopping) return;
        this.#goOn(held, start);
        this.#stands(held, start);
        this.#waiting.set(nameOf(held), null);
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        this.#waiting.set(nameOf(held), error);
        await pause(backoff(held.failures++), this.#stop.signal);
      }
    }
  }

  /** Of a position kept elsewhere, the group is told: by its last holder perhaps not any more. */
  #stands(held: Held, offset: number): void {
    if (this.#options.positionOf !== undefined) this.#pace.reached({ ...place(held), offset });
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
    const most = PREFETCHED_BYTES / Math.max(1, this.#held.size);
    return [...this.#held.values()].filter((held) => held.ready && queuedBytes(held) < most);
  }

  /** An answer to a question from before a seek or a rebalance is not what is wanted now. */
  #fetched(held: Held, from: number, { next, pieces }: Step): void {
    if (!this.#owns(held) || !held.ready || held.offset !== from) return;
    held.offset = next;
    for (const piece of pieces) held.queue.push(piece);
    if (pieces.length > 0) this.#schedule();
  }

  #schedule(): void {
    while (!this.#stopping && !this.#dead && this.#rounds < (this.#options.concurrency ?? 1)) {
      const free = this.#free();
      if (!this.#rhythm.mayBegin(free, () => this.#schedule())) return;
      const taken = takeRound(free, { records: this.#options.maxRecords ?? ROUND.records, bytes: ROUND.bytes });
      if (taken.length === 0) return;
      void this.#work(taken);
    }
  }

  #free(): Held[] {
    return [...this.#held.values()].filter((held) => held.ready && !held.busy && held.timer === null);
  }

  async #work(taken: readonly Taken[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#rounds += 1;
    const turn = ++this.#turns;
    for (const { held } of taken) {
      Object.assign(held, { busy: true, turn });
      this.#atWork.set(nameOf(held), promise);
    }
    const ended = this.#rhythm.begins();
    await this.#handle(taken);
    ended();
    this.#rounds -= 1;
    for (const { held } of taken) {
      held.busy = false;
      this.#atWork.delete(nameOf(held));
    }
    resolve();
    this.#schedule();
    this.#fetcher.pump();
  }

  async #handle(taken: readonly Taken[]): Promise<void> {
    const names = taken.map(({ held }) => nameOf(held));
    const hung = setTimeout(() => this.#die(new Error(`a rodada de ${names.join(', ')} não termina`)), HUNG_MS);
    const round = new RoundView(taken, (held) => this.#owns(held), this.#transactor);
    try {
      const seeks = await this.#options.onRound(round);
      if (this.#options.positionOf === undefined) round.mustBeCommitted();
      this.#done(taken, seeks);
    } catch (error) {
      this.#failed(taken, error);
    } finally {
      clearTimeout(hung);
    }
  }

  #done(taken: readonly Taken[], seeks: readonly Cursor[]): void {
    for (const { held, next } of taken) {
      if (!this.#owns(held)) continue;
      held.failures = 0;
      this.#waiting.set(nameOf(held), null);
      const back = seeks.find((seek) => nameOf(seek) === nameOf(held));
      if (back !== undefined) this.#goOn(held, back.offset);
      this.#stands(held, back?.offset ?? next);
    }
  }

  #failed(taken: readonly Taken[], error: unknown): void {
    if (!(error instanceof RetryableError)) this.#die(error);
    for (const one of taken) {
      const { held } = one;
      if (!this.#owns(held) || this.#stopping) continue;
      putBack(one);
      this.#waiting.set(nameOf(held), error as Error);
      const resume = () => {
        held.timer = null;
        if (this.#owns(held)) this.#schedule();
      };
      held.timer = setTimeout(resume, backoff(held.failures++));
    }
  }

  #die(error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    if (this.#dead || this.#stopping) {
      logOf(this.#config).error({ err: reason }, 'erro durante a parada do consumo');
      if (!this.#dead) this.#diedStopping ??= reason;
      return;
    }
    this.#dead = true;
    this.#options.onFatal(reason);
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#held.values()].map(place);
  }

  reposition(tp: TopicPartition): void {
    const held = this.#held.get(nameOf(tp));
    if (held === undefined || !held.ready || this.#stopping) return;
    held.ready = false;
    held.queue = [];
    void this.#settle([], [held]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#transactor.stopping();
    for (const held of this.#held.values()) clearTimeout(held.timer ?? undefined);
    this.#rhythm.stop();
    if (!(await endsWithin(STOP.rounds, Promise.all(this.#atWork.values())))) {
      logOf(this.#config).warn({ partitions: [...this.#atWork.keys()] }, 'rodadas abandonadas: não terminam');
    }
    if (!(await endsWithin(STOP.consumer, this.#close()))) {
      logOf(this.#config).warn({}, 'consumo encerrado sem aviso: o Kafka não responde');
    }
    if (this.#diedStopping !== null) throw this.#diedStopping;
  }

  async #close(): Promise<void> {
    const released = [...this.#held.values()].filter((held) => !this.#atWork.has(nameOf(held)));
    this.#held.clear();
    await Promise.all([this.#pace.close(), ...released.map((held) => this.#released(held))]);
    await Promise.all([this.#transactor.close(), this.#membership.leave()]);
    await Promise.all([this.#fetcher.close(), this.#known.brokers.close()]);
  }
}

function place({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
