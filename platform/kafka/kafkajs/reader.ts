import { RetryableError } from '../../errors.ts';
import type { Follower, InputRecord, ReadOptions, TopicPartition } from '../port.ts';
import { type KafkaConfig, logOf } from './client.ts';
import { Directory, READ_COMMITTED, READ_UNCOMMITTED } from './directory.ts';
import { backoff } from './errors.ts';
import type { FetchedPartition } from './internals.ts';
import { toInput } from './records.ts';

const MAX_WAIT_MS = 250;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 2 * 1024 * 1024;
const READ_ATTEMPTS = 6;
const CATCH_UP_TIMEOUT_MS = 30_000;

interface Cursor extends TopicPartition {
  offset: number;
}

type Handed = TopicPartition & { records: InputRecord[] };

type OnRecord = (tp: TopicPartition, record: InputRecord) => void;

/** What a fetch brought for one cursor, and where it goes on. */
interface Step {
  cursor: Cursor;
  next: number;
  records: InputRecord[];
}

/**
 * One fetch from every leader, without a group: moves the cursors and returns the records. Transaction markers and
 * aborted records are passed over, so that the cursors reach the ends whatever the logs end in.
 */
async function fetchOnce(directory: Directory, cursors: readonly Cursor[], isolation: number): Promise<Handed[]> {
  const byNode = new Map<string, Cursor[]>();
  for (const cursor of cursors) {
    const [nodeId] = Object.keys(directory.cluster.findLeaderForPartitions(cursor.topic, [cursor.partition]));
    if (nodeId === undefined) throw new RetryableError(`${cursor.topic}/${cursor.partition} está sem líder`);
    byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), cursor]);
  }
  const fetches = [...byNode].map(([nodeId, led]) => fetchFrom(directory, nodeId, led, isolation));
  // The cursors move only once every answer is here: what one leader sent is not lost because another failed.
  const steps = (await Promise.all(fetches)).flat();
  for (const { cursor, next } of steps) cursor.offset = next;
  return steps
    .filter(({ records }) => records.length > 0)
    .map(({ cursor, records }) => ({ topic: cursor.topic, partition: cursor.partition, records }));
}

async function fetchFrom(
  directory: Directory,
  nodeId: string,
  cursors: readonly Cursor[],
  isolationLevel: number,
): Promise<Step[]> {
  const broker = await directory.cluster.findBroker({ nodeId });
  const topics = cursors.map(({ topic, partition, offset }) => ({
    topic,
    partitions: [{ partition, fetchOffset: String(offset), maxBytes: MAX_BYTES_PER_PARTITION }],
  }));
  const answer = await broker.fetch({
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_BYTES,
    isolationLevel,
    topics,
  });
  const fetched = new Map<string, FetchedPartition>();
  for (const { topicName, partitions } of answer.responses) {
    for (const partition of partitions) fetched.set(`${topicName}/${partition.partition}`, partition);
  }
  const nothing = [...fetched.values()].every((partition) => partition.messages.length === 0);
  return cursors.flatMap((cursor) => {
    const data = fetched.get(`${cursor.topic}/${cursor.partition}`);
    return data === undefined ? [] : [step(cursor, data, nothing, isolationLevel)];
  });
}

/**
 * An answer without any record says that the log has none from here to its end: compaction may have taken the last
 * ones. An answer that is empty for one partition alone may only have had no room for it.
 */
function step(cursor: Cursor, data: FetchedPartition, nothing: boolean, isolation: number): Step {
  const from = cursor.offset;
  const last = data.messages.at(-1);
  const end = Number(isolation === READ_COMMITTED ? data.lastStableOffset : data.highWatermark);
  const reached = last !== undefined ? Number(last.offset) + 1 : nothing ? end : from;
  const records = data.messages.filter((m) => Number(m.offset) >= from && m.isControlRecord !== true).map(toInput);
  return { cursor, next: Math.max(from, reached), records };
}

/** Reads `topic` up to its ends. @throws RetryableError after some attempts without any answer. */
export async function readToEnd(config: KafkaConfig, topic: string, options: ReadOptions): Promise<void> {
  const isolation = (options.readCommitted ?? true) ? READ_COMMITTED : READ_UNCOMMITTED;
  const directory = new Directory(config);
  try {
    // The end of the log, not the last stable offset: of a transaction just committed the markers may yet be missing.
    const bounds = await directory.bounds(topic, READ_UNCOMMITTED);
    const ends = new Map(bounds.map((b) => [b.partition, options.to?.get(b.partition) ?? b.high]));
    const cursors = bounds.map(({ partition, low }) => {
      return { topic, partition, offset: Math.max(low, options.from?.get(partition) ?? low) };
    });
    for (let failures = 0; ; ) {
      const open = cursors.filter((c) => c.offset < (ends.get(c.partition) ?? 0));
      if (open.length === 0) return;
      let handed: Handed[];
      try {
        handed = await directory.ask(() => fetchOnce(directory, open, isolation));
        failures = 0;
      } catch (error) {
        if (!(error instanceof RetryableError) || ++failures === READ_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
        continue;
      }
      for (const batch of handed) await handOver(batch, ends.get(batch.partition) ?? 0, options);
    }
  } finally {
    await directory.close();
  }
}

async function handOver(batch: Handed, end: number, options: ReadOptions): Promise<void> {
  const records = batch.records.filter((record) => record.offset < end);
  if (records.length > 0) await options.onBatch({ ...batch, records });
}

class KafkaJsFollower implements Follower {
  readonly #topics: readonly string[];
  readonly #config: KafkaConfig;
  readonly #directory: Directory;
  readonly #onRecord: OnRecord;
  readonly #cursors: Cursor[] = [];
  readonly #waiting = new Set<() => void>();
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(config: KafkaConfig, topics: readonly string[], onRecord: OnRecord) {
    this.#config = config;
    this.#topics = topics;
    this.#onRecord = onRecord;
    this.#directory = new Directory(config);
  }

  async start(): Promise<void> {
    for (const topic of this.#topics) {
      for (const { partition, low } of await this.#directory.bounds(topic, READ_COMMITTED)) {
        this.#cursors.push({ topic, partition, offset: low });
      }
    }
    this.#running = this.#follow();
  }

  async #follow(): Promise<void> {
    for (let failures = 0; !this.#stopped; ) {
      let handed: Handed[];
      try {
        handed = await this.#directory.ask(() => fetchOnce(this.#directory, this.#cursors, READ_COMMITTED));
        failures = 0;
      } catch (error) {
        if (this.#stopped) return;
        logOf(this.#config).warn({ topics: this.#topics, error: String(error) }, 'leitura interrompida');
        await new Promise((resolve) => setTimeout(resolve, backoff(++failures)));
        continue;
      }
      for (const { records, ...tp } of handed) for (const record of records) this.#onRecord(tp, record);
      for (const check of this.#waiting) check();
    }
  }

  async caughtUp(): Promise<void> {
    const ends = await this.#directory.ends(this.#topics);
    const behind = () =>
      ends.some((end) => {
        const cursor = this.#cursors.find((c) => c.topic === end.topic && c.partition === end.partition);
        return cursor !== undefined && cursor.offset < end.offset;
      });
    if (!behind()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new RetryableError(`a leitura de ${this.#topics.join(', ')} está atrasada`)),
      CATCH_UP_TIMEOUT_MS,
    );
    const check = () => {
      if (!behind()) resolve();
    };
    this.#waiting.add(check);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(check);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#directory.close();
  }
}

export async function follow(config: KafkaConfig, topics: readonly string[], onRecord: OnRecord): Promise<Follower> {
  const follower = new KafkaJsFollower(config, topics, onRecord);
  await follower.start();
  return follower;
}
