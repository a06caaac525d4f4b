import { RetryableError } from '../errors.ts';
import { endsWithin, pause } from '../stopping.ts';
import { type Brokers, boundsOf, endsOf, fetchAll, READ_COMMITTED, READ_UNCOMMITTED, type Step } from './brokers.ts';
import { backoff, OutOfRangeError } from './errors.ts';
import type { Cursor, Follower, InputRecord, LogReader, ReadOptions, TopicPartition } from './port.ts';
import { type KafkaLog, READ, STOP } from './settings.ts';

const READ_ATTEMPTS = 6;
const CATCH_UP_TIMEOUT_MS = 30_000;

type OnRecord = (tp: TopicPartition, record: InputRecord) => void;

/** The cursors move only once every answer is here: what one leader sent is not lost because another failed. */
function move(steps: readonly Step[]): Step[] {
  for (const { cursor, next } of steps) cursor.offset = next;
  return steps.filter(({ pieces }) => pieces.length > 0);
}

/** Reads what is committed of `topic` up to its ends, and closes `brokers`. @throws RetryableError after some attempts without any answer. */
export async function readToEnd(brokers: Brokers, topic: string, options: ReadOptions): Promise<void> {
  try {
    await readOver(brokers, topic, options);
  } finally {
    await brokers.close();
  }
}

/** Reads over `brokers` again and again, until it is closed. */
export function logReader(brokers: Brokers): LogReader {
  return {
    readToEnd: async (topic, options) => {
      try {
        await readOver(brokers, topic, options);
      } catch (error) {
        // The next reading does not go by what this one may have failed of.
        brokers.forget();
        throw error;
      }
    },
    close: () => brokers.close(),
  };
}

async function readOver(brokers: Brokers, topic: string, options: ReadOptions): Promise<void> {
  const limits = { ...READ, maxBytesPerPartition: options.maxBytesPerPartition ?? READ.maxBytesPerPartition };
  // The end of the log, not the last stable offset: of a transaction just committed the markers may yet be missing.
  const partitions = options.partitions ?? (await brokers.partitions(topic));
  const bounds = await boundsOf(brokers, topic, partitions, READ_UNCOMMITTED);
  const ends = new Map(bounds.map((b) => [b.partition, options.to?.get(b.partition) ?? b.high]));
  const cursors = bounds.map(({ partition, low }) => {
    return { topic, partition, offset: Math.max(low, options.from?.get(partition) ?? low) };
  });
  for (let failures = 0; ; ) {
    const open = cursors.filter((c) => c.offset < (ends.get(c.partition) ?? 0));
    if (open.length === 0) return;
    let steps: Step[];
    try {
      steps = move(await fetchAll(brokers, open, READ_COMMITTED, limits));
      failures = 0;
    } catch (error) {
      const gone = error instanceof OutOfRangeError;
      if (!(gone || error instanceof RetryableError) || ++failures === READ_ATTEMPTS) throw error;
      if (gone) await skipWhatIsGone(brokers, topic, open);
      brokers.forget();
      await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
      continue;
    }
    for (const step of steps) await handOver(step, ends.get(step.cursor.partition) ?? 0, options);
  }
}

/** Retention may cut the log before a reader: it goes on where the log begins by now. */
async function skipWhatIsGone(brokers: Brokers, topic: string, cursors: readonly Cursor[]): Promise<void> {
  const partitions = cursors.map(({ partition }) => partition);
  const lows = new Map((await boundsOf(brokers, topic, partitions, READ_UNCOMMITTED)).map((b) => [b.partition, b.low]));
  for (const cursor of cursors) cursor.offset = Math.max(cursor.offset, lows.get(cursor.partition) ?? 0);
}

async function handOver({ cursor, pieces }: Step, end: number, options: ReadOptions): Promise<void> {
  for (const piece of pieces) {
    const all = piece.records();
    const records = piece.next <= end ? all : all.filter((record) => record.offset < end);
    if (records.length > 0) await options.onBatch({ topic: cursor.topic, partition: cursor.partition, records });
  }
}

class LogFollower implements Follower {
  readonly #topics: readonly string[];
  readonly #log: KafkaLog;
  readonly #brokers: Brokers;
  readonly #asking: Brokers;
  readonly #onRecord: OnRecord;
  readonly #cursors: Cursor[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(connect: () => Brokers, log: KafkaLog, topics: readonly string[], onRecord: OnRecord) {
    this.#log = log;
    this.#topics = topics;
    this.#onRecord = onRecord;
    this.#brokers = connect();
    // A connection of its own: on the other one a question would wait for the fetch that waits for records.
    this.#asking = connect();
  }

  async start(): Promise<void> {
    for (const topic of this.#topics) {
      const partitions = await this.#brokers.partitions(topic);
      for (const { partition, low } of await boundsOf(this.#brokers, topic, partitions, READ_COMMITTED)) {
        this.#cursors.push({ topic, partition, offset: low });
      }
    }
    this.#running = this.#follow();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      let steps: Step[];
      try {
        steps = move(await fetchAll(this.#brokers, this.#cursors, READ_COMMITTED, READ));
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#brokers.forget();
        this.#log.warn({ topics: this.#topics, error: String(error) }, 'leitura interrompida');
        await pause(backoff(++failures), signal);
        continue;
      }
      if (signal.aborted) return;
      for (const { cursor, pieces } of steps) {
        for (const record of pieces.flatMap((piece) => piece.records())) this.#onRecord(cursor, record);
      }
      for (const check of this.#waiting) check();
    }
  }

  async caughtUp(): Promise<void> {
    const ends = await endsOf(this.#asking, this.#topics);
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

  /** Nothing is handed over any more, though a server may yet owe an answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const closed = Promise.all([this.#brokers.close(), this.#asking.close(), this.#running]);
    if (await endsWithin(STOP.follower, closed)) return;
    this.#log.warn({ topics: this.#topics }, 'leitura abandonada: o Kafka não responde');
  }
}

/** Follows `topics` over connections that `connect` makes. */
export async function follow(
  connect: () => Brokers,
  log: KafkaLog,
  topics: readonly string[],
  onRecord: OnRecord,
): Promise<Follower> {
  const follower = new LogFollower(connect, log, topics, onRecord);
  await follower.start();
  return follower;
}
