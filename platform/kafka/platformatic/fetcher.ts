import type { Cursor, Isolation } from '../brokers.ts';
import { backoff } from '../errors.ts';
import type { KafkaConfig } from '../settings.ts';
import { isOutOfRange, isRetryable, toPortError } from './errors.ts';
import { type FetchLimits, type FetchStep, fetchFrom } from './fetch.ts';
import { Link } from './link.ts';

/** What is away where the question of who leads is not answered. */
const LEADERS = 'líderes';
/** A broker holds back no longer than this while partitions are left out of the question. */
const BUSY_WAIT_MS = 10;

export interface FetcherEvents<C extends Cursor> {
  /** The cursors to fetch from now. */
  wanted(): C[];
  /** Whether those are all there are. */
  all(): boolean;
  /** What came of a question asked when `cursor` stood at `from`. */
  fetched(cursor: C, from: number, step: FetchStep<Cursor>): void;
  /** A leader is away; null once it answers again. */
  away(what: string, cause: Error | null): void;
  fatal(error: unknown): void;
}

/** Keeps one fetch under way at each leader of the cursors wanted. */
export class Fetcher<C extends Cursor> {
  readonly #link: Link;
  readonly #isolation: Isolation;
  readonly #limits: FetchLimits;
  readonly #events: FetcherEvents<C>;
  /** The nodes with a fetch under way, or waiting after a failed one. */
  readonly #fetching = new Set<number>();
  readonly #away = new Set<string>();
  #failures = 0;
  #turn = 0;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(config: KafkaConfig, isolation: Isolation, limits: FetchLimits, events: FetcherEvents<C>) {
    this.#link = new Link(config);
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
        for (const [nodeId, cursors] of await this.#byLeader()) void this.#fetch(nodeId, cursors);
      } catch (error) {
        await this.#failed(LEADERS, error);
      }
    }
    this.#looking = null;
  }

  async #byLeader(): Promise<Map<number, C[]>> {
    const byLeader = new Map<number, C[]>();
    for (const cursor of this.#events.wanted()) {
      const leader = await this.#link.leader(cursor.topic, cursor.partition);
      if (this.#fetching.has(leader)) continue;
      const cursors = byLeader.get(leader);
      if (cursors === undefined) byLeader.set(leader, [cursor]);
      else cursors.push(cursor);
    }
    this.#answered(LEADERS);
    return byLeader;
  }

  async #fetch(nodeId: number, wanted: readonly C[]): Promise<void> {
    this.#fetching.add(nodeId);
    // Another partition is asked for first each time: a full answer leaves out those asked for last.
    const turn = this.#turn++ % wanted.length;
    const asked = [...wanted.slice(turn), ...wanted.slice(0, turn)];
    const cursors = asked.map((cursor) => ({ ...at(cursor), cursor }));
    const maxWait = this.#events.all() ? this.#limits.maxWait : BUSY_WAIT_MS;
    try {
      const steps = await fetchFrom(this.#link, nodeId, cursors, this.#isolation, { ...this.#limits, maxWait });
      this.#answered(`servidor ${nodeId}`);
      for (const step of steps) this.#events.fetched(step.cursor.cursor, step.cursor.offset, step);
    } catch (error) {
      await this.#failed(`servidor ${nodeId}`, error);
    }
    this.#fetching.delete(nodeId);
    this.pump();
  }

  #answered(what: string): void {
    if (!this.#away.delete(what)) return;
    this.#failures = 0;
    this.#events.away(what, null);
  }

  async #failed(what: string, error: unknown): Promise<void> {
    if (this.#closed) return;
    this.#link.forget();
    if (isOutOfRange(error)) {
      return this.#events.fatal(
        new Error('POSICAO_FORA_DO_LOG: o log foi cortado durante a leitura', { cause: error }),
      );
    }
    if (!isRetryable(error)) return this.#events.fatal(error);
    this.#away.add(what);
    this.#events.away(what, toPortError(error));
    this.#again = true;
    await new Promise((resolve) => setTimeout(resolve, backoff(this.#failures++)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#link.close();
  }
}

function at({ topic, partition, offset }: Cursor): Cursor {
  return { topic, partition, offset };
}
