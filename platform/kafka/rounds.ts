import { RecordTooLargeError } from './errors.ts';
import { murmur2Partition } from './partitioner.ts';
import { NO_HEADERS, type OutputRecord } from './port.ts';

/** Under the brokers' default max.message.bytes (1,048,588), with room for the batch's own header. */
export const MAX_BYTES = 900_000;
/** The most any of our topics takes (`max.message.bytes` in platform/topics.ts), likewise. */
export const MAX_RECORD_BYTES = 2_000_000;

/** Records for one partition, in order. */
export interface Slice {
  topic: string;
  partition: number;
  records: OutputRecord[];
}

const RECORD_OVERHEAD = 30;

function sizeOf({ key, value, headers }: OutputRecord): number {
  let bytes = RECORD_OVERHEAD + (value?.length ?? 0) + (key === null ? 0 : Buffer.byteLength(key));
  if (headers === undefined || headers === NO_HEADERS) return bytes;
  for (const [name, content] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(content) + 6;
  }
  return bytes;
}

/** Where the next record of a partition goes. */
interface Filling {
  slice: Slice;
  round: number;
  bytes: number;
}

/** Lays records out in sends that follow one another. */
class Layout {
  readonly rounds: Slice[][] = [];
  readonly #maxRecords: number;
  readonly #filling = new Map<string, Filling[]>();

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  add(record: OutputRecord, partition: number): void {
    const size = sizeOf(record);
    if (size > MAX_RECORD_BYTES) throw new RecordTooLargeError(record.topic, size);
    let partitions = this.#filling.get(record.topic);
    if (partitions === undefined) {
      partitions = [];
      this.#filling.set(record.topic, partitions);
    }
    let fill = partitions[partition];
    if (fill === undefined || fill.slice.records.length === this.#maxRecords || fill.bytes + size > MAX_BYTES) {
      fill = this.#begin(record.topic, partition, fill === undefined ? 0 : fill.round + 1);
      partitions[partition] = fill;
    }
    fill.bytes += size;
    fill.slice.records.push(record);
  }

  #begin(topic: string, partition: number, round: number): Filling {
    const slice: Slice = { topic, partition, records: [] };
    const slices = this.rounds[round];
    if (slices === undefined) this.rounds[round] = [slice];
    else slices.push(slice);
    return { slice, round, bytes: 0 };
  }
}

/** The broker does not say which record its topic refused: the largest, surely. */
export function tooLarge(records: readonly OutputRecord[]): RecordTooLargeError {
  const largest = records.reduce((a, b) => ((b.value?.length ?? 0) > (a.value?.length ?? 0) ? b : a));
  return new RecordTooLargeError(largest.topic, largest.value?.length ?? 0);
}

/** Gives each record its partition: its own, else murmur2 of its key; without a key, the next one in turn. */
export class Placer {
  readonly #partitions: (topic: string) => Promise<number[]>;
  readonly #maxRecords: number;
  /** A topic's partitions as first seen: a topic that grows sends its keys elsewhere, which must not happen midway. */
  readonly #counts = new Map<string, number>();
  #turn = 0;

  constructor(partitions: (topic: string) => Promise<number[]>, maxRecords: number) {
    this.#partitions = partitions;
    this.#maxRecords = maxRecords;
  }

  /**
   * Lays records out in sends that are to follow one another, so that no send carries more than `maxRecords` records or
   * MAX_BYTES for one partition; the order within a partition is kept.
   * @throws RecordTooLargeError before anything is sent.
   */
  async place(records: readonly OutputRecord[]): Promise<Slice[][]> {
    for (const topic of new Set(records.map((record) => record.topic))) {
      if (!this.#counts.has(topic)) this.#counts.set(topic, (await this.#partitions(topic)).length || 1);
    }
    const turn = this.#turn++;
    const layout = new Layout(this.#maxRecords);
    for (const record of records) layout.add(record, record.partition ?? this.#partitionOf(record, turn));
    return layout.rounds;
  }

  #partitionOf({ topic, key }: OutputRecord, turn: number): number {
    const count = this.#counts.get(topic) ?? 1;
    return key === null ? turn % count : murmur2Partition(key, count);
  }
}
