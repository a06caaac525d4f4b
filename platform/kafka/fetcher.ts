import { CodedError, RetryableError } from '../errors.ts';
import { pause } from '../stopping.ts';
import { type Brokers, byLeader, type FetchLimits, type Isolation, leaderlessError, type Step } from './brokers.ts';
import { backoff, OutOfRangeError } from './errors.ts';
import { nameOf } from './held.ts';
import type { Cursor, TopicPartition } from './port.ts';

/** What is away where the question of who leads is not answered. */
const LEADERS = 'líderes';
const leaderOf = (tp: TopicPartition): string => `líder de ${nameOf(tp)}`;
const serverOf = (node: number): string => `servidor ${node}`;
/** A broker holds back no longer than this while partitions are left out of the question. */
const BUSY_WAIT_MS = 10;
/** The pause from one fetch of little to the next: what trickles in is asked for fifty times a second, not a thousand. */
const PACE_MS = 20;
const LITTLE_BYTES = 64 * 1024;

export interface FetcherEvents<C extends Cursor> {
  /** The cursors to fetch from now. */
  wanted(): C[];
  /** All there are. */
  held(): C[];
  /** What came of a question asked when `cursor` stood at `from`. */
  fetched(cursor: C, from: number, step: Step): void;
  /** A leader is away; null once it answers again. */
  away(what: string, cause: Error | null): void;
  fatal(error: unknown): void;
}

/** Keeps one fetch under way at each leader of the cursors wanted. */
export class Fetcher<C extends Cursor> {
  readonly #brokers: Brokers;
  readonly #isolation: Isolation;
  readonly #limits: FetchLimits;
  readonly #events: FetcherEvents<C>;
  /** The nodes with a fetch under way, or waiting after one. */
  readonly #fetching = new Set<number>();
  readonly #away = new Set<string>();
  readonly #closing = new AbortController();
  #failures = 0;
  #turn = 0;
  #looking: Promise<void> | null = null;
  #again = false;
  /** Someone waits to ask anew who leads what has no leader. */
  #searching = false;

  /** @param brokers a connection for this alone: a fetch waits for records */
  constructor(brokers: Brokers, isolation: Isolation, limits: FetchLimits, events: FetcherEvents<C>) {
    this.#brokers = brokers;
    this.#isolation = isolation;
    this.#limits = limits;
    this.#events = events;
  }

  /** To be called whenever more may be wanted. */
  pump(): void {
    this.#again = true;
    this.#looking ??= this.#look();
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#closing.signal.aborted) {
      this.#again = false;
      try {
        const { led, leaderless } = await byLeader(this.#brokers, this.#events.wanted());
        this.#answered(LEADERS);
        if (leaderless.length > 0) void this.#leaderless(leaderless);
        for (const [node, cursors] of led) if (!this.#fetching.has(node)) void this.#fetch(node, cursors);
        if (this.#away.size > 0) await this.#forgive();
      } catch (error) {
        await this.#failed(LEADERS, error);
      }
    }
    this.#looking = null;
  }

  /** Neither a server that leads nothing of ours any more nor a leader that was found is waited for. */
  async #forgive(): Promise<void> {
    const { led, leaderless } = await byLeader(this.#brokers, this.#events.held());
    const awaited = new Set([...[...led.keys()].map(serverOf), ...leaderless.map(leaderOf)]);
    for (const what of this.#away) if (!awaited.has(what)) this.#answered(what);
  }

  /** The others are fetched meanwhile. */
  async #leaderless(cursors: readonly C[]): Promise<void> {
    if (this.#searching) return;
    this.#searching = true;
    for (const cursor of cursors) this.#isAway(leaderOf(cursor), leaderlessError(cursor));
    await pause(backoff(this.#failures++), this.#closing.signal);
    this.#searching = false;
    this.#brokers.forget();
    this.pump();
  }

  #isAway(what: string, cause: RetryableError): void {
    this.#away.add(what);
    this.#events.away(what, cause);
  }

  async #fetch(node: number, wanted: readonly C[]): Promise<void> {
    this.#fetching.add(node);
    const began = performance.now();
    try {
      const bytes = await this.#ask(node, wanted);
      this.#answered(serverOf(node));
      const rest = PACE_MS - (performance.now() - began);
      if (bytes < LITTLE_BYTES && rest > 0) await pause(rest, this.#closing.signal);
    } catch (error) {
      await this.#failed(serverOf(node), error);
    }
    this.#fetching.delete(node);
    this.pump();
  }

  /** @returns the bytes that came */
  async #ask(node: number, wanted: readonly C[]): Promise<number> {
    // Another partition is asked for first each time: a full answer leaves out those asked for last.
    const turn = this.#turn++ % wanted.length;
    const cursors = [...wanted.slice(turn), ...wanted.slice(0, turn)].map((cursor) => {
      const { topic, partition, offset } = cursor;
      return { topic, partition, offset, cursor };
    });
    const all = this.#events.wanted().length === this.#events.held().length;
    const maxWait = all ? this.#limits.maxWait : BUSY_WAIT_MS;
    const steps = await this.#brokers.fetchFrom(node, cursors, this.#isolation, { ...this.#limits, maxWait });
    let bytes = 0;
    for (const step of steps) {
      for (const piece of step.pieces) bytes += piece.bytes;
      this.#events.fetched(step.cursor.cursor, step.cursor.offset, step);
    }
    return bytes;
  }

  #answered(what: string): void {
    if (!this.#away.delete(what)) return;
    this.#failures = 0;
    this.#events.away(what, null);
  }

  async #failed(what: string, error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#brokers.forget();
    if (error instanceof OutOfRangeError) {
      const reason = new CodedError('POSICAO_FORA_DO_LOG', 'o log foi cortado durante a leitura', { cause: error });
      return this.#events.fatal(reason);
    }
    if (!(error instanceof RetryableError)) return this.#events.fatal(error);
    this.#isAway(what, error);
    this.#again = true;
    await pause(backoff(this.#failures++), this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#brokers.close();
  }
}
