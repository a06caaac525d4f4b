import type { fetchV17 } from '@platformatic/kafka';
import { type Cursor, type Isolation, READ_COMMITTED, type Step } from '../brokers.ts';
import { recordsOf } from './decode.ts';
import type { Link } from './link.ts';

/** Whole answers are asked for, without the protocol's fetch sessions. */
const NO_SESSION = [0, -1] as const;
const TOPIC_IDS_SINCE = 13;

type FetchTopic = fetchV17.FetchRequestTopic;
type FetchAnswer = fetchV17.FetchResponse;

export interface FetchLimits {
  /** Milliseconds a broker may wait for the first record. */
  maxWait: number;
  maxBytes: number;
  maxBytesPerPartition: number;
}

export interface FetchStep<C extends Cursor> extends Step {
  cursor: C;
  highWatermark: number;
}

type FetchArguments = [number, number, number, number, number, number, FetchTopic[], [], string];

/** One fetch from one leader, without a group; moves nothing. Fails as a whole, in the client's errors. */
export async function fetchFrom<C extends Cursor>(
  link: Link,
  nodeId: number,
  cursors: readonly C[],
  isolation: Isolation,
  limits: FetchLimits,
): Promise<FetchStep<C>[]> {
  const { maxWait, maxBytes, maxBytesPerPartition } = limits;
  const api = await link.api<FetchArguments, FetchAnswer>('Fetch');
  const known = await link.topics([...new Set(cursors.map((c) => c.topic))]);
  const idOf = (topic: string) => (api.version < TOPIC_IDS_SINCE ? topic : (known.get(topic)?.id ?? ''));
  const asked = new Map<string, FetchTopic>();
  const places = new Map<string, C>();
  for (const cursor of cursors) {
    const topicId = idOf(cursor.topic);
    const topic = asked.get(topicId) ?? { topicId, partitions: [] };
    topic.partitions.push({
      partition: cursor.partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(cursor.offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: maxBytesPerPartition,
    });
    asked.set(topicId, topic);
    places.set(`${topicId}/${cursor.partition}`, cursor);
  }
  const connection = await link.connection(nodeId);
  const answer = await api.async(
    connection,
    maxWait,
    1,
    maxBytes,
    isolation,
    ...NO_SESSION,
    [...asked.values()],
    [],
    '',
  );
  return stepsOf(answer, places, isolation);
}

/**
 * An answer without any record says that the log has none from here to its end: compaction may have taken the last
 * ones. An answer that is empty for one partition alone may only have had no room for it.
 */
function stepsOf<C extends Cursor>(answer: FetchAnswer, places: Map<string, C>, isolation: Isolation): FetchStep<C>[] {
  const all = answer.responses.flatMap(({ topicId, partitions }) => {
    return partitions.map((data) => ({ data, cursor: places.get(`${topicId}/${data.partitionIndex}`) }));
  });
  const nothing = all.every(({ data }) => (data.records ?? []).length === 0);
  return all.flatMap(({ data, cursor }) => {
    if (cursor === undefined) return [];
    const { records, next } = recordsOf(data, cursor.offset);
    const end = Number(isolation === READ_COMMITTED ? data.lastStableOffset : data.highWatermark);
    const reached = next ?? (nothing ? end : cursor.offset);
    const highWatermark = Number(data.highWatermark);
    return [{ cursor, records, next: Math.max(cursor.offset, reached), highWatermark }];
  });
}
