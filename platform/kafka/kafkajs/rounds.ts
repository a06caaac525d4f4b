import type { TopicMessages } from 'kafkajs';
import type { OutputRecord } from '../port.ts';
import { RecordTooLargeError } from './errors.ts';
import { toMessage } from './records.ts';

/** kafkajs encodes the records of one partition in time quadratic to their number. */
export const MAX_RECORDS = 500;
/** Under the brokers' default max.message.bytes (1,048,588), with room for the batch's own header. */
export const MAX_BYTES = 900_000;
/** The most any of our topics takes (`max.message.bytes` in platform/topics.ts), likewise. */
export const MAX_RECORD_BYTES = 2_000_000;

export type Placed = OutputRecord & { partition: number };

const RECORD_OVERHEAD = 30;

function sizeOf(record: Placed): number {
  let bytes = RECORD_OVERHEAD + (record.value?.length ?? 0) + (record.key === null ? 0 : Buffer.byteLength(record.key));
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 6;
  }
  return bytes;
}

/**
 * Splits records into sends that are to follow one another, so that no send carries more than MAX_RECORDS records or
 * MAX_BYTES for one partition; the order within a partition is kept.
 * @throws RecordTooLargeError before anything is sent.
 */
export function rounds(records: readonly Placed[]): Placed[][] {
  const result: Placed[][] = [];
  const filling = new Map<string, { round: number; count: number; bytes: number }>();
  for (const record of records) {
    const size = sizeOf(record);
    if (size > MAX_RECORD_BYTES) throw new RecordTooLargeError(record.topic, size);
    const place = `${record.topic}/${record.partition}`;
    let fill = filling.get(place);
    if (fill === undefined || fill.count === MAX_RECORDS || fill.bytes + size > MAX_BYTES) {
      fill = { round: fill === undefined ? 0 : fill.round + 1, count: 0, bytes: 0 };
      filling.set(place, fill);
    }
    fill.count++;
    fill.bytes += size;
    const round = result[fill.round];
    if (round === undefined) result[fill.round] = [record];
    else round.push(record);
  }
  return result;
}

/** A round as kafkajs takes it. */
export function byTopic(round: readonly Placed[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const record of round) {
    const entry = topics.get(record.topic) ?? { topic: record.topic, messages: [] };
    entry.messages.push(toMessage(record));
    topics.set(record.topic, entry);
  }
  return [...topics.values()];
}
