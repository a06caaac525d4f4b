import { nameOf } from './held.ts';
import type { Cursor, TopicPartition } from './port.ts';
import type { KafkaLog } from './settings.ts';

const EVERY_MS = 500;

/** Tells the group how far its partitions are, now and then: for whoever watches, nobody goes on from there. */
export class Pace {
  readonly #commit: (offsets: readonly Cursor[]) => Promise<void>;
  readonly #log: KafkaLog;
  readonly #reached = new Map<string, Cursor>();
  #timer: NodeJS.Timeout | null = null;
  #telling: Promise<void> = Promise.resolve();

  constructor(commit: (offsets: readonly Cursor[]) => Promise<void>, log: KafkaLog) {
    this.#commit = commit;
    this.#log = log;
  }

  reached(cursor: Cursor): void {
    this.#reached.set(nameOf(cursor), cursor);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#telling = this.#tell();
    }, EVERY_MS);
  }

  /** Of a partition that went away nothing more is told. */
  forget(tp: TopicPartition): void {
    this.#reached.delete(nameOf(tp));
  }

  async #tell(): Promise<void> {
    const cursors = [...this.#reached.values()];
    this.#reached.clear();
    if (cursors.length === 0) return;
    try {
      await this.#commit(cursors);
    } catch (error) {
      // The next one makes up for it.
      this.#log.warn({ cursors, error: String(error) }, 'sem commit');
    }
  }

  /** Tells what is left to tell. */
  async close(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    await this.#telling;
    await this.#tell();
  }
}
