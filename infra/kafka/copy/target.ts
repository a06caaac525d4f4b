import { setTimeout } from 'node:timers/promises';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { backoff } from '#platform/kafka/errors.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord, KafkaAdmin, OutputRecord, Producer } from '#platform/kafka/port.ts';
import type { Cut } from './cuts.ts';
import type { Reader } from './read.ts';

/** A record of the old line, with the partition it stood in. */
export type Old = InputRecord & { partition: number };

/** A record that is to be written to a partition of the new line. */
export type Placed = OutputRecord & { partition: number };

/** About a minute: brokers that restart are back, or others lead. */
const ATTEMPTS = 12;

export interface TargetParts {
  /** Sends nothing again by itself. */
  producer: Pick<Producer, 'send'>;
  admin: Pick<KafkaAdmin, 'ends'>;
  reader: Reader;
  wait?: (ms: number) => Promise<unknown>;
}

function otherwise(topic: string, partition: number, end: number, ours: number): CodedError {
  const what = `${topic}/${partition} do destino termina em ${end}, e escreveram-se ${ours} registros`;
  return new CodedError('COPIA_INVALIDA', `${what} (um envio repetido, ou outro que escreve)`);
}

/**
 * The empty topics of the new line, and how far they are written. Nobody else writes there, and what is sent outside
 * transactions leaves no markers: the count of what was sent is the next record's offset. `check` finds out where it is not.
 */
export class Target {
  readonly #producer: Pick<Producer, 'send'>;
  readonly #admin: Pick<KafkaAdmin, 'ends'>;
  readonly #reader: Reader;
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #ends: ReadonlyMap<string, number[]>;

  /** @param partitions of each topic */
  constructor({ producer, admin, reader, wait = setTimeout }: TargetParts, partitions: ReadonlyMap<string, number>) {
    this.#producer = producer;
    this.#admin = admin;
    this.#reader = reader;
    this.#wait = wait;
    this.#ends = new Map([...partitions].map(([topic, count]) => [topic, new Array<number>(count).fill(0)]));
  }

  #of(topic: string): number[] {
    const ends = this.#ends.get(topic);
    if (ends === undefined) throw new Error(`${topic} não se copia`);
    return ends;
  }

  partitions(topic: string): number {
    return this.#of(topic).length;
  }

  /** Where a record of the old line goes: by its key; one without a key, where it stood, as far as there are as many. */
  partitionFor(topic: string, { key, partition }: Pick<Old, 'key' | 'partition'>): number {
    const count = this.partitions(topic);
    return key === null ? partition % count : murmur2Partition(key, count);
  }

  /** Where a topic ends by now. */
  ends(topic: string): Cut {
    return [...this.#of(topic)];
  }

  /**
   * Writes records, in order. What a server that was away, or an answer that was lost, leaves open is asked of the logs: sent
   * again is what they do not hold. @returns the offset of each
   */
  async send(records: readonly Placed[]): Promise<number[]> {
    const offsets = records.map(({ topic, partition }) => {
      const ends = this.#of(topic);
      const offset = ends[partition] ?? 0;
      ends[partition] = offset + 1;
      return offset;
    });
    let missing = records;
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt > 1) missing = await this.#missing(records, offsets);
        await this.#producer.send(missing);
        break;
      } catch (error) {
        if (!(error instanceof RetryableError) || attempt === ATTEMPTS) throw error;
        await this.#wait(backoff(attempt + 2));
      }
    }
    await this.#checkTimes(records.filter((_, n) => offsets[n] === 0));
    return offsets;
  }

  /**
   * That the first records of partitions kept their times: a broker hears a moment later what was set of a topic.
   * @throws CodedError COPIA_INVALIDA
   */
  async #checkTimes(firsts: readonly Placed[]): Promise<void> {
    for (const { topic, partition, timestamp } of firsts) {
      const onBatch = ({ records: [kept] }: { records: readonly InputRecord[] }): void => {
        if (kept?.timestamp === timestamp) return;
        throw new CodedError('COPIA_INVALIDA', `${topic}/${partition} do destino não guardou a hora dos registros`);
      };
      await this.#reader.readToEnd(topic, {
        partitions: [partition],
        to: new Map([[partition, 1]]),
        maxBytesPerPartition: 1,
        onBatch,
      });
    }
  }

  /** The records that their partitions do not hold: each ends with the first ones sent there. */
  async #missing(records: readonly Placed[], offsets: readonly number[]): Promise<Placed[]> {
    const topics = [...new Set(records.map(({ topic }) => topic))];
    const ends = new Map(await Promise.all(topics.map(async (topic) => [topic, await this.#endsNow(topic)] as const)));
    return records.filter(({ topic, partition }, n) => (offsets[n] ?? 0) >= (ends.get(topic)?.get(partition) ?? 0));
  }

  /** Where a topic ends. @throws CodedError COPIA_INVALIDA behind what was written */
  async #endsNow(topic: string): Promise<ReadonlyMap<number, number>> {
    const ends = await this.#admin.ends(topic);
    for (const [partition, end] of ends) {
      const ours = this.#of(topic)[partition] ?? 0;
      if (end > ours) throw otherwise(topic, partition, end, ours);
    }
    return ends;
  }

  /** That the topics hold what was written, once. @throws CodedError COPIA_INVALIDA */
  async check(): Promise<void> {
    for (const [topic, ours] of this.#ends) {
      for (const [partition, end] of await this.#admin.ends(topic)) {
        if (end !== ours[partition]) throw otherwise(topic, partition, end, ours[partition] ?? 0);
      }
    }
  }
}
