import { setTimeout } from 'node:timers/promises';
import { RetryableError } from '../errors.ts';
import { type Brokers, byLeader, type FetchLimits, type Isolation, type Step } from './brokers.ts';
import { backoff, OutOfRangeError } from './errors.ts';
import type { Cursor } from './port.ts';

/** What is away where the question of who leads is not answered. */
const LEADERS = 'líderes';
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
  #failures = 0;
  #turn = 0;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

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
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        const led = await byLeader(this.#brokers, this.#events.wanted());
        this.#answered(LEADERS);
        for (const [node, cursors] of led) if (!this.#fetching.has(node)) void this.#fetch(node, cursors);
        if (this.#away.size > 0) await this.#forgive();
      } catch (error) {
        await this.#failed(LEADERS, error);
      }
    }
    this.#looking = null;
  }

  /** A server that leads nothing of ours any more is not waited for. */
  async #forgive(): Promise<void> {
    const led = await byLeader(this.#brokers, this.#events.held());
    const leading = new Set([...led.keys()].map(serverOf));
    for (const what of this.#away) if (!leading.has(what)) this.#answered(what);
  }

  async #fetch(node: number, wanted: readonly C[]): Promise<void> {
    this.#fetching.add(node);
    const began = performance.now();
    try {
      const bytes = await this.#ask(node, wanted);
      this.#answered(serverOf(node));
      const pause = PACE_MS - (performance.now() - began);
      if (bytes < LITTLE_BYTES && pause > 0) await setTimeout(pause);
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
    if (this.#closed) return;
    this.#brokers.forget();
    if (error instanceof OutOfRangeError) {
      const reason = new Error('POSICAO_FORA_DO_LOG: o log foi cortado durante a leitura', { cause: error });
      return this.#events.fatal(reason);
    }
    if (!(error instanceof RetryableError)) return this.#events.fatal(error);
    this.#away.add(what);
    this.#events.away(what, error);
    this.#again = true;
    await setTimeout(backoff(this.#failures++));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#brokers.close();
  }
}
