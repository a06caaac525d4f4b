import { backoff } from './errors.ts';
import { nameOf } from './held.ts';
import type { Cursor, TopicPartition } from './port.ts';
import type { KafkaLog } from './settings.ts';

const EVERY_MS = 500;

/**
 * Tells the group how far its partitions are, now and then: for whoever watches, nobody goes on from there. What could
 * not be told is told again: a partition where nothing more comes would look behind for ever.
 */
export class Pace {
  readonly #commit: (offsets: readonly Cursor[]) => Promise<void>;
  readonly #log: KafkaLog;
  /** What is still to be told. */
  readonly #reached = new Map<string, Cursor>();
  #timer: NodeJS.Timeout | null = null;
  #telling: Promise<void> | null = null;
  #failures = 0;
  #closed = false;

  constructor(commit: (offsets: readonly Cursor[]) => Promise<void>, log: KafkaLog) {
    this.#commit = commit;
    this.#log = log;
  }

  reached(cursor: Cursor): void {
    this.#reached.set(nameOf(cursor), cursor);
    this.#tellWithin(EVERY_MS);
  }

  /** Of a partition that went away nothing more is told. */
  forget(tp: TopicPartition): void {
    this.#reached.delete(nameOf(tp));
  }

  #tellWithin(ms: number): void {
    if (this.#closed || this.#telling !== null) return;
    this.#timer ??= setTimeout(async () => {
      this.#timer = null;
      this.#telling = this.#tell();
      await this.#telling;
      this.#telling = null;
      if (this.#reached.size > 0) this.#tellWithin(EVERY_MS + (this.#failures > 0 ? backoff(this.#failures) : 0));
    }, ms);
  }

  async #tell(): Promise<void> {
    const cursors = [...this.#reached.values()];
    if (cursors.length === 0) return;
    try {
      await this.#commit(cursors);
      this.#failures = 0;
      for (const cursor of cursors) if (this.#reached.get(nameOf(cursor)) === cursor) this.forget(cursor);
    } catch (error) {
      this.#failures += 1;
      this.#log.warn({ cursors, error: String(error) }, 'sem commit');
    }
  }

  /** Tells what is left to tell. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer ?? undefined);
    await this.#telling;
    await this.#tell();
  }
}
