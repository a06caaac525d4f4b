import type { Type } from 'avsc';
import { type SchemaName, typeOf } from '#platform/codec-types.ts';
import { RetryableError } from '#platform/errors.ts';
import { RecordTooLargeError } from '#platform/kafka/errors.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import {
  type InputRecord,
  type Kafka,
  NO_HEADERS,
  type OutputRecord,
  type ProducerOptions,
  type ReadOptions,
} from '#platform/kafka/port.ts';
import { fits, sizeOf } from '#platform/kafka/rounds.ts';
import type { Registry } from '#platform/registry.ts';
import { subjectOf, TOPIC_NAMES, TOPICS, topicSpecs } from '#platform/topics.ts';

const buffers = (headers: OutputRecord['headers']): InputRecord['headers'] =>
  headers === undefined
    ? NO_HEADERS
    : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

/** A Kafka in memory, for tests of the copy: as many partitions as a line has, batches of one record, no transactions. */
export class MemoryKafka {
  readonly #logs = new Map<string, InputRecord[][]>();
  /** Of the classifier: where it stands, by topic; where nothing is said, at the ends. */
  readonly committed = new Map<string, number[]>();
  /** Connections made to read. */
  readers = 0;
  /** Of what was read: topic and partitions. */
  readonly asked: [string, readonly number[] | undefined][] = [];
  /** What arrives of the next sends, each of which a server leaves unanswered. */
  readonly cutShort: ((record: OutputRecord) => boolean)[] = [];
  /** What its records are stamped with; null: with what they are sent with. */
  clock: number | null = null;
  /** Topics that held records, and where they begin by now. */
  readonly emptied = new Map<string, number>();
  onSend: (records: readonly OutputRecord[]) => void = () => undefined;

  constructor(partitions: number) {
    for (const { topic, partitions: count } of topicSpecs(partitions, 1)) {
      this.#logs.set(
        topic,
        Array.from({ length: count }, () => []),
      );
    }
  }

  log(topic: string): InputRecord[][] {
    return this.#logs.get(topic) ?? [];
  }

  /** @returns where each stands, as partition and offset */
  write(...records: OutputRecord[]): { partition: number; offset: number }[] {
    return records.map(({ topic, key, value, headers, timestamp = 0, partition: own }) => {
      const log = this.log(topic);
      const bytes = key === null ? null : Buffer.from(key);
      const partition = own ?? (bytes === null ? 0 : murmur2Partition(bytes, log.length));
      const offset = this.#begin(topic) + (log[partition]?.length ?? 0);
      log[partition]?.push({
        offset,
        timestamp: this.clock ?? timestamp,
        key: bytes,
        value,
        headers: buffers(headers),
      });
      return { partition, offset };
    });
  }

  #ends(topic: string): Map<number, number> {
    return new Map(this.log(topic).map(({ length }, partition) => [partition, this.#begin(topic) + length]));
  }

  #begin(topic: string): number {
    return this.emptied.get(topic) ?? 0;
  }

  async #read(topic: string, { partitions, from, to, onBatch }: ReadOptions): Promise<void> {
    this.asked.push([topic, partitions]);
    for (const [partition, end] of this.#ends(topic)) {
      if (partitions !== undefined && !partitions.includes(partition)) continue;
      const [first, last] = [from?.get(partition) ?? 0, to?.get(partition) ?? end];
      const records = this.log(topic)[partition] ?? [];
      for (const record of records.filter(({ offset }) => offset >= first && offset < last))
        await onBatch({ topic, partition, records: [record] });
    }
  }

  readonly kafka = {
    admin: async () => ({
      ends: async (topic: string) => this.#ends(topic),
      offsets: async (topic: string) => {
        return [...this.#ends(topic)].map(([partition, high]) => ({ partition, low: this.#begin(topic), high }));
      },
      partitionCount: async (topic: string) => this.log(topic).length,
      committed: async (_group: string, topic: string) => {
        const said = this.committed.get(topic);
        return new Map([...this.#ends(topic)].map(([partition, end]) => [partition, said?.[partition] ?? end]));
      },
      close: async () => undefined,
    }),
    producer: async ({ anySize = false }: ProducerOptions = {}) => ({
      send: async (records: readonly OutputRecord[]) => {
        const large = anySize ? undefined : records.find((record) => !fits(record));
        if (large !== undefined) throw new RecordTooLargeError(large.topic, sizeOf(large));
        const arrives = this.cutShort.shift();
        this.write(...(arrives === undefined ? records : records.filter(arrives)));
        this.onSend(records);
        if (arrives !== undefined) throw new RetryableError('um servidor está fora');
      },
      close: async () => undefined,
    }),
    reader: async () => {
      this.readers++;
      return {
        readToEnd: (topic: string, options: ReadOptions) => this.#read(topic, options),
        close: async () => undefined,
      };
    },
  } as unknown as Kafka;
}

const NAMES = [...new Set(TOPIC_NAMES.map((topic): SchemaName => TOPICS[topic].schema))];
const idOf = (name: SchemaName): number => NAMES.indexOf(name) + 1;

/** A registry that knows our own schemas. */
export const memoryRegistry: Registry = {
  register: async () => 0,
  idOf: async (subject) =>
    idOf(TOPICS[TOPIC_NAMES.find((topic) => subjectOf(topic) === subject) ?? 'interacoes'].schema),
  writer: async (id): Promise<Type | null> => {
    const name = NAMES[id - 1];
    return name === undefined ? null : typeOf(name);
  },
};
