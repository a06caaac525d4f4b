import { within } from '../within.ts';
import type { Sending } from './driver.ts';
import { RecordTooLargeError, RefusedAsTooLargeError } from './errors.ts';
import type { OutputRecord, Producer } from './port.ts';
import { type Laid, type Placer, releaseAll, type Slice } from './rounds.ts';
import { STOP } from './settings.ts';

/** The most records that calls waiting for one another are put together in. */
const GATHERED = 10_000;

interface Waiting {
  records: readonly OutputRecord[];
  resolve: () => void;
  reject: (error: Error) => void;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RefusedAsTooLargeError || error instanceof RecordTooLargeError;
}

/**
 * Sends with acks=all, without the protocol's idempotence (kafkajs can lose a send after a timed-out one with it; a
 * retried duplicate is harmless here). Calls that arrive while a send is under way travel together in the next one: one
 * at a time, so that the order of calls is the order in the partition.
 */
export class OrderedProducer<S extends Slice> implements Producer {
  readonly #sending: Sending<S>;
  readonly #placer: Placer<S>;
  readonly #queue: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  constructor(sending: Sending<S>, placer: Placer<S>) {
    this.#sending = sending;
    this.#placer = placer;
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
    let laid: Laid<S> | null = null;
    try {
      laid = await this.#placer.place(calls.flatMap((call) => call.records));
      for (const round of laid.rounds) await this.#sending.send(round);
      for (const call of calls) call.resolve();
    } catch (error) {
      await this.#refused(calls, laid, error as Error);
    } finally {
      if (laid !== null) releaseAll(laid);
    }
  }

  /** A record that is too large fails its own call alone: the others are sent again one by one. */
  async #refused(calls: readonly Waiting[], laid: Laid<S> | null, error: Error): Promise<void> {
    if (isTooLarge(error) && calls.length > 1) {
      for (const call of calls) await this.#deliver([call]);
      return;
    }
    const reason = error instanceof RefusedAsTooLargeError ? (laid?.largest ?? error) : error;
    for (const call of calls) call.reject(reason);
  }

  /** What is under way has a moment; then it fails, whatever the brokers do. */
  async close(): Promise<void> {
    const under = this.#flushing ?? Promise.resolve();
    await within(STOP.sends, under, () => new Error('ainda há envios')).catch(() => undefined);
    await this.#sending.close();
    await this.#flushing;
  }
}
