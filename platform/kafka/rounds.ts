import { RecordTooLargeError } from './errors.ts';
import { murmur2Partition } from './partitioner.ts';
import { NO_HEADERS, type OutputRecord } from './port.ts';

/** Under the brokers' default max.message.bytes (1,048,588), with room for the batch's own header. */
export const MAX_BYTES = 900_000;
/** The most any of our topics takes (`max.message.bytes` in platform/topics.ts), likewise. */
export const MAX_RECORD_BYTES = 2_000_000;

/** Records for one partition, in order, gathered in the form that a client library sends them in. */
export interface Slice {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  /** Takes a copy: the record's bytes may change afterwards. */
  add(record: OutputRecord): void;
  /** It was sent, or never will be: the memory it took may be used for another. */
  release(): void;
}

/** Records laid out in sends that follow one another; within one, no partition comes twice. */
export interface Laid<S extends Slice> {
  rounds: S[][];
  /** The broker does not say which record its topic refused: the largest, surely. */
  largest: RecordTooLargeError | null;
}

export function releaseAll(laid: Laid<Slice>): void {
  for (const slice of laid.rounds.flat()) slice.release();
}

/** The largest record of all. */
export function largestOf(all: readonly Laid<Slice>[]): RecordTooLargeError | null {
  const found = all.map(({ largest }) => largest).filter((largest) => largest !== null);
  return found.sort((a, b) => b.bytes - a.bytes)[0] ?? null;
}

const RECORD_OVERHEAD = 30;

/** What a record takes in a batch, in bytes, or a little less than this. */
export function sizeOf({ key, value, headers }: Pick<OutputRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = RECORD_OVERHEAD + (value?.length ?? 0) + (key === null ? 0 : Buffer.byteLength(key));
  if (headers === undefined || headers === NO_HEADERS) return bytes;
  for (const [name, content] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(content) + 6;
  }
  return bytes;
}

/** Whether a topic takes the record at all. */
export function fits(record: OutputRecord): boolean {
  return sizeOf(record) <= MAX_RECORD_BYTES;
}

/** Where the next record of a partition goes. */
interface Filling<S> {
  slice: S;
  round: number;
  bytes: number;
}

/** What laying out needs of a client library. */
export interface SliceMaker<S extends Slice> {
  /** The most records of one partition in a send. */
  readonly maxRecords: number;
  slice(topic: string, partition: number): S;
}

class Layout<S extends Slice> implements Laid<S> {
  readonly rounds: S[][] = [];
  readonly #maker: SliceMaker<S>;
  readonly #most: number;
  readonly #filling = new Map<string, Filling<S>[]>();
  #largest: { topic: string; bytes: number } | null = null;

  constructor(maker: SliceMaker<S>, most: number) {
    this.#maker = maker;
    this.#most = most;
  }

  get largest(): RecordTooLargeError | null {
    return this.#largest === null ? null : new RecordTooLargeError(this.#largest.topic, this.#largest.bytes);
  }

  add(record: OutputRecord, partition: number): void {
    const size = sizeOf(record);
    if (size > this.#most) throw new RecordTooLargeError(record.topic, size);
    const bytes = record.value?.length ?? 0;
    if (this.#largest === null || bytes > this.#largest.bytes) this.#largest = { topic: record.topic, bytes };
    let partitions = this.#filling.get(record.topic);
    if (partitions === undefined) {
      partitions = [];
      this.#filling.set(record.topic, partitions);
    }
    let fill = partitions[partition];
    if (fill === undefined || fill.slice.count === this.#maker.maxRecords || fill.bytes + size > MAX_BYTES) {
      fill = this.#begin(record.topic, partition, fill === undefined ? 0 : fill.round + 1);
      partitions[partition] = fill;
    }
    fill.bytes += size;
    fill.slice.add(record);
  }

  #begin(topic: string, partition: number, round: number): Filling<S> {
    const slice = this.#maker.slice(topic, partition);
    const slices = this.rounds[round];
    if (slices === undefined) this.rounds[round] = [slice];
    else slices.push(slice);
    return { slice, round, bytes: 0 };
  }
}

/** Gives each record its partition: its own, else murmur2 of its key; without a key, the next one in turn. */
export class Placer<S extends Slice> {
  readonly #partitions: (topic: string) => Promise<number[]>;
  readonly #maker: SliceMaker<S>;
  readonly #most: number;
  /** A topic's partitions as first seen: a topic that grows sends its keys elsewhere, which must not happen midway. */
  readonly #counts = new Map<string, number>();
  #turn = 0;

  /** @param most bytes of a record that are sent */
  constructor(partitions: (topic: string) => Promise<number[]>, maker: SliceMaker<S>, most: number = MAX_RECORD_BYTES) {
    this.#partitions = partitions;
    this.#maker = maker;
    this.#most = most;
  }

  /**
   * Lays records out so that no send carries more than `maxRecords` records or MAX_BYTES for one partition; the order
   * within a partition is kept. Records are taken one at a time: whoever makes them on the way need not hold them all.
   * @throws RecordTooLargeError before anything is sent.
   */
  async place(records: Iterable<OutputRecord>): Promise<Laid<S>> {
    const turn = this.#turn++;
    const layout = new Layout(this.#maker, this.#most);
    for (const record of records) {
      let count = this.#counts.get(record.topic);
      if (count === undefined) {
        count = (await this.#partitions(record.topic)).length || 1;
        this.#counts.set(record.topic, count);
      }
      const { key, partition } = record;
      layout.add(record, partition ?? (key === null ? turn % count : murmur2Partition(key, count)));
    }
    return layout;
  }
}
