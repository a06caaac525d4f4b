import { RetryableError } from '../errors.ts';
import type { InputRecord, PartitionOffsets, TopicPartition } from './port.ts';

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;
export type Isolation = typeof READ_UNCOMMITTED | typeof READ_COMMITTED;

/** Where a reader without a group stands in a partition. */
export interface Cursor extends TopicPartition {
  offset: number;
}

/** What a fetch brought for one cursor, and where it goes on: past markers, aborted records and compacted ones too. */
export interface Step {
  cursor: Cursor;
  next: number;
  records: InputRecord[];
}

/** What the brokers know of topics, logs and groups: the part of a driver on which the rest is shared. Fails in port errors. */
export interface Brokers {
  partitions(topic: string): Promise<number[]>;
  /** The first offset of each partition and its end: the last stable one for READ_COMMITTED. */
  bounds(topic: string, isolation: Isolation): Promise<PartitionOffsets[]>;
  /**
   * The ends of several topics' logs, in one round trip to each broker. Not the last stable offsets: of a transaction
   * just committed the markers may yet be missing.
   */
  ends(topics: readonly string[]): Promise<Cursor[]>;
  /** The group's committed offsets as they are known now, for people to look at; null where it has none. */
  committed(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>>;
  /**
   * The group's committed offset, to go on from; null where it has none. A broker acknowledges a transaction's commit
   * before it moves the group's offset: that is waited for, or this fails in a RetryableError.
   */
  settled(groupId: string, tp: TopicPartition): Promise<number | null>;
  /** One fetch from every leader, without a group; moves nothing. */
  fetch(cursors: readonly Cursor[], isolation: Isolation): Promise<Step[]>;
  close(): Promise<void>;
}

const SETTLING_MS = 3_000;

/** Asks again while the answer is that a transaction has yet to be settled. */
export async function untilSettled<T>(ask: () => Promise<T>, isUnsettled: (error: unknown) => boolean): Promise<T> {
  for (const end = Date.now() + SETTLING_MS; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnsettled(error)) throw error;
      if (Date.now() > end) throw new RetryableError('há deslocamentos do grupo por confirmar', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
