import { RetryableError } from '../errors.ts';
import type { Cursor, InputRecord, PartitionOffsets, TopicPartition } from './port.ts';

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;
export type Isolation = typeof READ_UNCOMMITTED | typeof READ_COMMITTED;

/** Records as they were sent together, still packed. */
export interface Piece {
  /** Bytes as they came. */
  bytes: number;
  /** The offset after it. */
  next: number;
  /** Unpacks them, anew at every call. */
  records(): InputRecord[];
}

/** What a fetch brought for one cursor, and where it goes on: past markers, aborted records and compacted ones too. */
export interface Step<C extends Cursor = Cursor> {
  cursor: C;
  next: number;
  pieces: readonly Piece[];
}

export interface FetchLimits {
  /** Milliseconds a broker may wait for the first record. */
  maxWait: number;
  maxBytes: number;
  maxBytesPerPartition: number;
}

/** What the brokers know of topics, logs and groups: the part of a driver on which the rest is shared. Fails in port errors. */
export interface Brokers {
  partitions(topic: string): Promise<number[]>;
  /** The node that leads a partition, as last heard; null where it had none. */
  leader(tp: TopicPartition): Promise<number | null>;
  /** What is known of leaders and coordinators may no longer be true: it is asked for anew. */
  forget(): void;
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
  /** One fetch from one leader, without a group; moves nothing. @throws OutOfRangeError */
  fetchFrom<C extends Cursor>(
    node: number,
    cursors: readonly C[],
    isolation: Isolation,
    limits: FetchLimits,
  ): Promise<Step<C>[]>;
  close(): Promise<void>;
}

/** @throws RetryableError who leads is not to be learnt */
export async function byLeader<C extends Cursor>(
  brokers: Brokers,
  cursors: readonly C[],
): Promise<{ led: Map<number, C[]>; leaderless: C[] }> {
  const led = new Map<number, C[]>();
  const leaderless: C[] = [];
  for (const cursor of cursors) {
    const leader = await brokers.leader(cursor);
    const already = leader === null ? leaderless : led.get(leader);
    if (already !== undefined) already.push(cursor);
    else if (leader !== null) led.set(leader, [cursor]);
  }
  return { led, leaderless };
}

export function leaderlessError({ topic, partition }: TopicPartition): RetryableError {
  return new RetryableError(`${topic}/${partition} está sem líder`);
}

/** One fetch from every leader of the cursors; those without one are left out. @throws RetryableError none has one */
export async function fetchAll(
  brokers: Brokers,
  cursors: readonly Cursor[],
  isolation: Isolation,
  limits: FetchLimits,
): Promise<Step[]> {
  const { led, leaderless } = await byLeader(brokers, cursors);
  const [first] = leaderless;
  if (first !== undefined) brokers.forget();
  if (first !== undefined && led.size === 0) throw leaderlessError(first);
  return (await Promise.all([...led].map(([node, some]) => brokers.fetchFrom(node, some, isolation, limits)))).flat();
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
