/**
 * What the services ask of Kafka, so that one client library can stand in for another.
 * Offsets are numbers: safe integers reach 9·10^15, some 2,800 years at 100,000 records/s.
 */
export interface TopicPartition {
  topic: string;
  partition: number;
}

/** A place in a partition: of a reader, the offset it reads next. */
export interface Cursor extends TopicPartition {
  offset: number;
}

/** Those of a record without any: the very same object, so that nobody need look inside. */
export const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze({});

export interface InputRecord {
  offset: number;
  /** The broker's (or producer's) timestamp, milliseconds since the epoch. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, Buffer>>;
}

export interface OutputRecord {
  topic: string;
  /** Without it: murmur2 of the key, as the Java client does. */
  partition?: number;
  key: string | Buffer | null;
  value: Buffer | null;
  headers?: Readonly<Record<string, string | Buffer>>;
  /** Milliseconds since the epoch, kept where the topic has its producer's time. Default: now. */
  timestamp?: number;
}

/** Consecutive records of one partition, in order, aborted transactions already left out. */
export interface Batch extends TopicPartition {
  records: readonly InputRecord[];
  /** Where the reader goes on after them: past markers and aborted records too. */
  next: number;
  /** False once a rebalance took the partition away: the work must not be committed. */
  isStillOurs(): boolean;
}

/** What is handled at once: a batch of each of some partitions, of those that have records to hand. */
export interface Round {
  readonly batches: readonly Batch[];
  /**
   * Sends `records` and moves the group's offsets past `batches` (default: all of the round), all or nothing. The broker
   * refuses it of a member that a newer generation of the group has replaced. Rounds that wait share a transaction.
   * The records are taken one at a time, and are not held: a generator may make them.
   * @throws RetryableError nothing was committed: the session hands the records again, where they are still ours
   */
  commit(records: Iterable<OutputRecord>, batches?: readonly Batch[]): Promise<void>;
}

export interface ConsumerOptions {
  groupId: string;
  topics: string[];
  /**
   * Where a partition just assigned begins; asked after the last handler of its previous assignment ended, and before
   * its first batch. The group's offset then only tells watchers how far we are. Without it the group's offset is the
   * truth: a partition begins there (at the beginning where there is none), and every round must commit.
   */
  positionOf?: (tp: TopicPartition) => Promise<number>;
  /** Rounds handled at the same time, of different partitions: one computes while another waits. Default: 1. */
  concurrency?: number;
  /** The most records in a round; for tests, to which the default (ROUND in settings.ts) is too many to see several. */
  maxRecords?: number;
  /**
   * Handles a round; partitions it names in the answer are read again from there. Throwing a RetryableError pauses the
   * round's partitions, backs off with jitter and hands the same records again. Any other error is a bug and reaches
   * `onFatal`.
   */
  onRound: (round: Round) => Promise<readonly Cursor[]>;
  /** Told after the last handler of those partitions ended, unless they were assigned back by then. */
  onRevoked?: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** The consumer cannot go on: the process should end, so that the supervisor restarts it. */
  onFatal: (error: Error) => void;
  /** Told of the cause while a partition waits for a server, and null when it goes on: readiness. */
  onWaiting?: (cause: Error | null) => void;
}

export interface RunningConsumer {
  /**
   * Finishes the rounds under way, then leaves the group. Where a server keeps them from ending, or does not answer, it
   * is waited for some seconds only: the rest is as after a crash. @throws a bug that a round under way ended in
   */
  stop(): Promise<void>;
  /** The partitions this member holds now. */
  assignment(): readonly TopicPartition[];
  /** Asks `positionOf` of a partition again, once the handler at work on it ended, and reads on from there. */
  reposition(tp: TopicPartition): void;
}

export interface ProducerOptions {
  /** Fails at the first error instead of sending again: who must not send twice finds out what arrived. */
  once?: boolean;
  /** Leaves it to the broker which record is too large: a topic's limit holds for what is packed. */
  anySize?: boolean;
}

export interface Producer {
  /** Resolves only when every record is acknowledged by all in-sync replicas; splits by count and bytes by itself. */
  send(records: readonly OutputRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface PartitionOffsets {
  partition: number;
  low: number;
  /** The last stable offset's end: what a read-committed reader can reach. */
  high: number;
}

export interface TopicSpec {
  topic: string;
  partitions: number;
  replicationFactor: number;
  config: Record<string, string>;
}

export interface KafkaAdmin {
  /** Creates what is missing; never changes what exists. Returns the names created. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<string[]>;
  partitionCount(topic: string): Promise<number>;
  offsets(topic: string): Promise<PartitionOffsets[]>;
  /** Where each partition ends for whoever writes: past what open transactions hold back from a reader. */
  ends(topic: string): Promise<Map<number, number>>;
  /** The group's committed offset by partition; null where it has none. */
  committed(groupId: string, topic: string): Promise<Map<number, number | null>>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** Those to read; default: all. */
  partitions?: readonly number[];
  /** First offset by partition; default: the beginning. */
  from?: ReadonlyMap<number, number>;
  /** End offset (exclusive) by partition; default: the ends when the call began, open transactions waited for. */
  to?: ReadonlyMap<number, number>;
  /** About how much one fetch brings of a partition, for who wants a record or two of it; at least one batch comes. */
  maxBytesPerPartition?: number;
  onBatch: (batch: TopicPartition & { records: readonly InputRecord[] }) => Promise<void> | void;
}

/** Reads over a connection that it keeps, for who reads again and again; one reading at a time. */
export interface LogReader {
  /** As Kafka.readToEnd. */
  readToEnd(topic: string, options: ReadOptions): Promise<void>;
  close(): Promise<void>;
}

/** A connection's worth of configuration; everything else is made from it. */
export interface Kafka {
  consume(options: ConsumerOptions): Promise<RunningConsumer>;
  producer(options?: ProducerOptions): Promise<Producer>;
  /**
   * Takes a transactional id, under which one process at a time writes: what its former holder left open has ended, and
   * what that one sends from now on is refused. Each `send` is one transaction, one at a time.
   * @throws RetryableError, from `send` too: another took the id, or a server is away, and it is not known whether the
   * records were committed. Close, take the id again, and read what was written before sending anew.
   */
  exclusive(transactionalId: string): Promise<Producer>;
  admin(): Promise<KafkaAdmin>;
  /** Reads a topic up to its ends, whatever they hold, and returns; joins no group. */
  readToEnd(topic: string, options: ReadOptions): Promise<void>;
  /** For several readings: one connection serves them all. */
  reader(): Promise<LogReader>;
  /** Reads a whole (compacted) topic and goes on following it until closed. Partition-less: every reader sees all. */
  follow(topics: readonly string[], onRecord: (tp: TopicPartition, record: InputRecord) => void): Promise<Follower>;
}

export interface Follower {
  /** Resolves when everything acknowledged before this call has been handed to `onRecord`. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}
