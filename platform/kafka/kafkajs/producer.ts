import { type Producer as KafkaJsProducer, Partitioners } from 'kafkajs';
import type { OutputRecord, Producer } from '../port.ts';
import { type KafkaConfig, newClient, RETRY } from './client.ts';
import { Directory } from './directory.ts';
import { isTooLarge, RecordTooLargeError, toPortError } from './errors.ts';
import { byTopic, type Placed, rounds } from './rounds.ts';

/** The most records that calls waiting for one another are put together in. */
const GATHERED = 10_000;

interface Waiting {
  records: readonly OutputRecord[];
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Sends with acks=all, without kafkajs's idempotence (it can lose a send after a timed-out one; a retried duplicate is
 * harmless here). Calls that arrive while a send is under way travel together in the next one: one at a time, so that
 * the order of calls is the order in the partition.
 */
class OrderedProducer implements Producer {
  readonly #producer: KafkaJsProducer;
  readonly #directory: Directory;
  readonly #queue: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  constructor(config: KafkaConfig) {
    this.#directory = new Directory(config);
    this.#producer = newClient(config).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: false,
      retry: RETRY,
    });
  }

  async connect(): Promise<void> {
    try {
      await this.#producer.connect();
    } catch (error) {
      throw toPortError(error);
    }
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
    for (const call of calls) {
      try {
        const placed = await this.#directory.place(call.records);
        rounds(placed);
        accepted.push(call);
        records.push(...placed);
      } catch (error) {
        call.reject(toPortError(error));
      }
    }
    try {
      for (const round of rounds(records)) {
        await this.#producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages: byTopic(round) });
      }
      for (const call of accepted) call.resolve();
    } catch (error) {
      await this.#refused(accepted, records, error);
    }
  }

  /** A record that its topic refuses fails its own call alone: the others are sent again one by one. */
  async #refused(calls: readonly Waiting[], records: readonly Placed[], error: unknown): Promise<void> {
    if (isTooLarge(error) && calls.length > 1) {
      for (const call of calls) await this.#deliver([call]);
      return;
    }
    const reason = isTooLarge(error) ? tooLarge(records) : toPortError(error);
    for (const call of calls) call.reject(reason);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await Promise.all([this.#producer.disconnect(), this.#directory.close()]);
  }
}

/** The broker does not say which record its topic refused: the largest, surely. */
export function tooLarge(records: readonly Placed[]): RecordTooLargeError {
  const largest = records.reduce((a, b) => ((b.value?.length ?? 0) > (a.value?.length ?? 0) ? b : a));
  return new RecordTooLargeError(largest.topic, largest.value?.length ?? 0);
}

export async function newProducer(config: KafkaConfig): Promise<Producer> {
  const producer = new OrderedProducer(config);
  await producer.connect();
  return producer;
}
