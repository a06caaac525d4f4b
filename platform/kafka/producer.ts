import type { OutputRecord, Producer } from './port.ts';
import { type Placed, Placer, rounds, tooLarge } from './rounds.ts';

/** The most records that calls waiting for one another are put together in. */
const GATHERED = 10_000;

/** How a client library sends. */
export interface Sending {
  /** The most records of one partition in a send. */
  readonly maxRecords: number;
  partitions(topic: string): Promise<number[]>;
  /** Resolves when all in-sync replicas have every record. */
  send(round: readonly Placed[]): Promise<void>;
  isTooLarge(error: unknown): boolean;
  toPortError(error: unknown): Error;
  close(): Promise<void>;
}

interface Waiting {
  records: readonly OutputRecord[];
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Sends with acks=all, without the protocol's idempotence (kafkajs can lose a send after a timed-out one with it; a
 * retried duplicate is harmless here). Calls that arrive while a send is under way travel together in the next one: one
 * at a time, so that the order of calls is the order in the partition.
 */
export class OrderedProducer implements Producer {
  readonly #sending: Sending;
  readonly #placer: Placer;
  readonly #queue: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  constructor(sending: Sending) {
    this.#sending = sending;
    this.#placer = new Placer((topic) => sending.partitions(topic));
  }

  async send(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return;
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const calls: Waiting[] = [];
      for (let count = 0; count < GATHERED && this.#queue.length > 0; ) {
        const call = this.#queue.shift();
        if (call === undefined) break;
        calls.push(call);
        count += call.records.length;
      }
      await this.#deliver(calls);
    }
    this.#flushing = null;
  }

  async #deliver(calls: readonly Waiting[]): Promise<void> {
    const accepted: Waiting[] = [];
    const records: Placed[] = [];
    const { maxRecords } = this.#sending;
    for (const call of calls) {
      try {
        const placed = await this.#placer.place(call.records);
        rounds(placed, maxRecords);
        accepted.push(call);
        for (const record of placed) records.push(record);
      } catch (error) {
        call.reject(this.#sending.toPortError(error));
      }
    }
    try {
      for (const round of rounds(records, maxRecords)) await this.#sending.send(round);
      for (const call of accepted) call.resolve();
    } catch (error) {
      await this.#refused(accepted, records, error);
    }
  }

  /** A record that its topic refuses fails its own call alone: the others are sent again one by one. */
  async #refused(calls: readonly Waiting[], records: readonly Placed[], error: unknown): Promise<void> {
    const large = this.#sending.isTooLarge(error);
    if (large && calls.length > 1) {
      for (const call of calls) await this.#deliver([call]);
      return;
    }
    const reason = large ? tooLarge(records) : this.#sending.toPortError(error);
    for (const call of calls) call.reject(reason);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#sending.close();
  }
}
