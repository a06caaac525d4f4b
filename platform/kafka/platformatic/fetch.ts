import {
  type API,
  createAPI,
  fetchV12,
  fetchV13,
  fetchV14,
  fetchV15,
  fetchV16,
  fetchV17,
  type Reader,
  ResponseError,
  readKnownTaggedFields,
} from '@platformatic/kafka';
import { type FetchedLog, type FetchLimits, type Isolation, type Step, stepsOf } from '../brokers.ts';
import type { Cursor } from '../port.ts';
import { type AbortedTransaction, piecesOf } from './decode.ts';
import type { Link } from './link.ts';
import type { Nearest } from './nearest.ts';

const FETCH = 1;
/** Whole answers are asked for, without the protocol's fetch sessions. */
const NO_SESSION = [0, -1] as const;
const TOPIC_IDS_SINCE = 13;

/** What an answer says of one partition, its records still packed. */
interface FetchedPartition {
  topicId: string;
  partition: number;
  highWatermark: number;
  lastStableOffset: number;
  aborted: AbortedTransaction[] | null;
  /** A replica to be asked instead, where there is one nearer; -1: none. */
  nearer: number;
  records: Buffer | null;
}

type Topic = fetchV17.FetchRequestTopic;
type Arguments = Parameters<typeof fetchV17.createRequest>;
type Fault = [path: string, error: [code: number, message: null]];

function records(reader: Reader): Buffer | null {
  const size = reader.readUnsignedVarInt() - 1;
  if (size < 0) return null;
  const bytes = reader.buffer.slice(reader.position, reader.position + size);
  reader.skip(size);
  return bytes;
}

function partition(reader: Reader, topicId: string, faults: Fault[]): FetchedPartition {
  const number = reader.readInt32();
  const code = reader.readInt16();
  if (code !== 0) faults.push([`/${topicId}/${number}`, [code, null]]);
  const highWatermark = Number(reader.readInt64());
  const lastStableOffset = Number(reader.readInt64());
  reader.skip(8);
  const aborted = reader.readNullableArray((r) => ({ producerId: r.readInt64(), firstOffset: r.readInt64() }));
  const nearer = reader.readInt32();
  const told = { topicId, partition: number, highWatermark, lastStableOffset, aborted, nearer };
  const found = { ...told, records: records(reader) };
  readKnownTaggedFields(reader, {});
  return found;
}

/** The client's own reading unpacks every record into objects at once; ours leaves them for who asks. */
function parse(_correlation: number, apiKey: number, version: number, reader: Reader): FetchedPartition[] {
  reader.skip(4);
  const code = reader.readInt16();
  const faults: Fault[] = code === 0 ? [] : [['', [code, null]]];
  reader.skip(4);
  const topics = reader.readArray((r) => {
    const topicId = version < TOPIC_IDS_SINCE ? r.readString() : r.readUUID();
    return r.readArray((inner) => partition(inner, topicId, faults), true, false);
  });
  readKnownTaggedFields(reader, {});
  if (faults.length > 0) throw new ResponseError(apiKey, version, Object.fromEntries(faults), {});
  return topics.flat();
}

const REQUESTS = [fetchV12, fetchV13, fetchV14, fetchV15, fetchV16, fetchV17].map(({ api, createRequest }) => {
  return createAPI<Arguments, FetchedPartition[]>(FETCH, api.version, createRequest, parse);
});

async function requestOver(link: Link): Promise<(typeof REQUESTS)[number]> {
  const { version } = (await link.api('Fetch')) as API<unknown[], unknown>;
  const request = REQUESTS.findLast((one) => one.version <= version);
  if (request === undefined) throw new Error(`o Kafka é antigo: aceita Fetch só até a versão ${version}`);
  return request;
}

/** One fetch from one broker, without a group; moves nothing. Fails as a whole, in the client's errors. */
export async function fetchFrom<C extends Cursor>(
  { link, nearest }: { link: Link; nearest: Nearest },
  node: number,
  cursors: readonly C[],
  isolation: Isolation,
  { maxWait, maxBytes, maxBytesPerPartition }: FetchLimits,
): Promise<Step<C>[]> {
  const request = await requestOver(link);
  const known = await link.topics([...new Set(cursors.map((c) => c.topic))]);
  const idOf = (topic: string) => (request.version < TOPIC_IDS_SINCE ? topic : (known.get(topic)?.id ?? ''));
  const asked = new Map<string, Topic>();
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
  const limits = [maxWait, 1, maxBytes, isolation] as const;
  const connection = await link.connection(node);
  const answer = await request.async(connection, ...limits, ...NO_SESSION, [...asked.values()], [], nearest.rack);
  const found = answer.flatMap((one): FetchedLog<C>[] => {
    const { topicId, partition, nearer, records, aborted, lastStableOffset, highWatermark } = one;
    const cursor = places.get(`${topicId}/${partition}`);
    if (cursor === undefined) return [];
    const empty = (records?.length ?? 0) === 0;
    // No records, and nothing said of where they end: they are to be had elsewhere.
    if (empty && nearer >= 0) {
      nearest.names(cursor, nearer);
      return [{ cursor, pieces: [], next: cursor.offset, empty: false, lastStableOffset, highWatermark }];
    }
    return [{ cursor, ...piecesOf(records, aborted, cursor.offset), empty, lastStableOffset, highWatermark }];
  });
  return stepsOf(found, isolation);
}
