import { RecordTooLargeError } from './errors.ts';
import { murmur2Partition } from './partitioner.ts';
import type { OutputRecord } from './port.ts';

/** Under the brokers' default max.message.bytes (1,048,588), with room for the batch's own header. */
export const MAX_BYTES = 900_000;
/** The most any of our topics takes (`max.message.bytes` in platform/topics.ts), likewise. */
export const MAX_RECORD_BYTES = 2_000_000;

export type Placed = OutputRecord & { partition: number };

const RECORD_OVERHEAD = 30;

function sizeOf(record: Placed): number {
  let bytes = RECORD_OVERHEAD + (record.value?.length ?? 0) + (record.key === null ? 0 : Buffer.byteLength(record.key));
  if (record.headers === undefined) return bytes;
  for (const [name, value] of Object.entries(record.headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 6;
  }
  return bytes;
}

/**
 * Splits records into sends that are to follow one another, so that no send carries more than `maxRecords` records or
 * MAX_BYTES for one partition; the order within a partition is kept.
 * @throws RecordTooLargeError before anything is sent.
 */
export function rounds(records: readonly Placed[], maxRecords: number): Placed[][] {
  const result: Placed[][] = [];
  const filling = new Map<string, Map<number, { round: number; count: number; bytes: number }>>();
  for (const record of records) {
    const size = sizeOf(record);
    if (size > MAX_RECORD_BYTES) throw new RecordTooLargeError(record.topic, size);
    let partitions = filling.get(record.topic);
    if (partitions === undefined) {
      partitions = new Map();
      filling.set(record.topic, partitions);
    }
    let fill = partitions.get(record.partition);
    if (fill === undefined || fill.count === maxRecords || fill.bytes + size > MAX_BYTES) {
      fill = { round: fill === undefined ? 0 : fill.round + 1, count: 0, bytes: 0 };
      partitions.set(record.partition, fill);
    }
    fill.count++;
    fill.bytes += size;
    const round = result[fill.round];
    if (round === undefined) result[fill.round] = [record];
    else round.push(record);
  }
  return result;
}

/** The broker does not say which record its topic refused: the largest, surely. */
export function tooLarge(records: readonly Placed[]): RecordTooLargeError {
  const largest = records.reduce((a, b) => ((b.value?.length ?? 0) > (a.value?.length ?? 0) ? b : a));
  return new RecordTooLargeError(largest.topic, largest.value?.length ?? 0);
}

/** Gives each record its partition: its own, else murmur2 of its key; without a key, the next one in turn. */
export class Placer {
  readonly #partitions: (topic: string) => Promise<number[]>;
  #turn = 0;

  constructor(partitions: (topic: string) => Promise<number[]>) {
    this.#partitions = partitions;
  }

  async place(records: readonly OutputRecord[]): Promise<Placed[]> {
    const counts = new Map<string, number>();
    for (const { topic } of records) {
      if (!counts.has(topic)) counts.set(topic, (await this.#partitions(topic)).length);
    }
    const turn = this.#turn++;
    return records.map((record) => {
      if (record.partition !== undefined) return record as Placed;
      const count = counts.get(record.topic) ?? 1;
      return { ...record, partition: record.key === null ? turn % count : murmur2Partition(record.key, count) };
    });
  }
}
