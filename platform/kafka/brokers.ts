import { RetryableError } from '../errors.ts';
import type { Cursor, InputRecord, PartitionOffsets, TopicPartition } from './port.ts';

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;
export type Isolation = typeof READ_UNCOMMITTED | typeof READ_COMMITTED;

/** The places of a log that have a name. */
export type Edge = 'first' | 'end';

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

/** What the answer to a fetch says of one cursor. */
export interface FetchedLog<C extends Cursor> {
  cursor: C;
  pieces: readonly Piece[];
  /** No byte of records came, be they readable or not. */
  empty: boolean;
  /** The offset after what came; null: nothing whole did. */
  next: number | null;
  lastStableOffset: number;
  highWatermark: number;
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
  /** The node to read a partition from, as last heard: who leads it, or a replica that is nearer; null where none leads. */
  leader(tp: TopicPartition): Promise<number | null>;
  /** What is known of leaders and coordinators may no longer be true: it is asked for anew. */
  forget(): void;
  /**
   * The first offset of each of some partitions, or its end (the last stable one for READ_COMMITTED), in one round trip
   * to each broker. @throws RetryableError one of them has no leader
   */
  edges(places: readonly TopicPartition[], edge: Edge, isolation: Isolation): Promise<Cursor[]>;
  /** The group's committed offsets as they are known now, for people to look at; null where it has none. */
  committed(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | null>>;
  /**
   * The group's committed offset, to go on from; null where it has none. A broker acknowledges a transaction's commit
   * before it moves the group's offset: that is waited for, or this fails in a RetryableError.
   */
  settled(groupId: string, tp: TopicPartition): Promise<number | null>;
  /** One fetch from one of those, without a group; moves nothing. @throws OutOfRangeError */
  fetchFrom<C extends Cursor>(
    node: number,
    cursors: readonly C[],
    isolation: Isolation,
    limits: FetchLimits,
  ): Promise<Step<C>[]>;
  close(): Promise<void>;
}

/**
 * An answer without any record says that the log has none from here to its end: compaction may have taken the last
 * ones. An answer that is empty for one partition alone may only have had no room for it.
 */
export function stepsOf<C extends Cursor>(answer: readonly FetchedLog<C>[], isolation: Isolation): Step<C>[] {
  const nothing = answer.every(({ empty }) => empty);
  return answer.map(({ cursor, pieces, next, lastStableOffset, highWatermark }) => {
    const end = isolation === READ_COMMITTED ? lastStableOffset : highWatermark;
    return { cursor, pieces, next: Math.max(cursor.offset, next ?? (nothing ? end : cursor.offset)) };
  });
}

/** The first offset of each of some partitions of a topic, and its end: the last stable one for READ_COMMITTED. */
export async function boundsOf(
  brokers: Brokers,
  topic: string,
  partitions: readonly number[],
  isolation: Isolation,
): Promise<PartitionOffsets[]> {
  const places = partitions.map((partition) => ({ topic, partition }));
  const [lows, highs] = await Promise.all([
    brokers.edges(places, 'first', isolation),
    brokers.edges(places, 'end', isolation),
  ]);
  return highs.map(({ partition, offset: high }) => {
    return { partition, low: lows.find((low) => low.partition === partition)?.offset ?? 0, high };
  });
}

/**
 * The ends of several topics' logs. Not the last stable offsets: of a transaction just committed the markers may yet be
 * missing.
 */
export async function endsOf(brokers: Brokers, topics: readonly string[]): Promise<Cursor[]> {
  const places = topics.map(async (topic) => {
    return (await brokers.partitions(topic)).map((partition) => ({ topic, partition }));
  });
  return brokers.edges((await Promise.all(places)).flat(), 'end', READ_UNCOMMITTED);
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
