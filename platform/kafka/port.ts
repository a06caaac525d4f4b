/**
 * What the services ask of Kafka, so that one client library can stand in for another.
 * Offsets are numbers: safe integers reach 9·10^15, some 2,800 years at 100,000 records/s.
 */
export interface TopicPartition {
  topic: string;
  partition: number;
}

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
  headers?: Record<string, string | Buffer>;
}

/** Consecutive records of one partition, in order, aborted transactions already left out. */
export interface Batch extends TopicPartition {
  records: readonly InputRecord[];
  /** The offset after the last record a consumer could read when the batch was fetched. */
  highWatermark: number;
  /** False once a rebalance took the partition away: the work must not be committed. */
  isStillOurs(): boolean;
  /** Keeps the membership alive in long work; cheap, call it freely. */
  heartbeat(): Promise<void>;
}

/** `done`: the batch is behind us. `seek`: read this partition again from `offset` (what was handled is not committed). */
export type BatchOutcome = { kind: 'done' } | { kind: 'seek'; offset: number };

export interface ConsumerOptions {
  groupId: string;
  topics: string[];
  /**
   * Where a partition just assigned begins; asked after the last handler of its previous assignment ended, and before
   * its first batch. Without it: the group's committed offset, else the beginning. With a Transactor: `acquire`.
   */
  positionOf?: (tp: TopicPartition) => Promise<number>;
  /** Whether the group's offset is committed after a batch. `never`: the handler does it in its transaction. */
  commit: 'after-batch' | 'never';
  /** Partitions handled at the same time. */
  concurrency?: number;
  maxBytesPerPartition?: number;
  /**
   * Throwing a RetryableError pauses the partition, backs off with jitter and hands the same records again; so does a
   * FencedError, which asks for the position anew first. Any other error is a bug and reaches `onFatal`.
   */
  onBatch: (batch: Batch) => Promise<BatchOutcome>;
  /** Told after the last handler of those partitions ended. */
  onRevoked?: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** The consumer cannot go on: the process should end, so that the supervisor restarts it. */
  onFatal: (error: Error) => void;
  /** Told of the cause while a partition waits for a server, and null when it goes on: readiness. */
  onWaiting?: (cause: Error | null) => void;
}

export interface RunningConsumer {
  /** Finishes the batches under way, then leaves the group. */
  stop(): Promise<void>;
  /** The partitions this member holds now. */
  assignment(): readonly TopicPartition[];
  /** Asks `positionOf` of a partition again, once the handler at work on it ended, and reads on from there. */
  reposition(tp: TopicPartition): void;
}

export interface Producer {
  /** Resolves only when every record is acknowledged by all in-sync replicas; splits by count and bytes by itself. */
  send(records: readonly OutputRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** One transaction at a time for each input partition; the transactional id is the fence between instances. */
export interface Transactor {
  /**
   * Takes the transactional id of `source`, fencing whoever had it, and returns where the group goes on: its committed
   * offset, read once nobody else can move it any more, else the beginning. It is the `positionOf` of a consumer that
   * commits in its transactions.
   */
  acquire(source: TopicPartition): Promise<number>;
  /**
   * Sends `records` and, where `nextOffset` is given, moves the group's offset of `source` to it: all or nothing.
   * Without `nextOffset` a commit whose answer is lost ends in a RetryableError, though it may stand.
   * @throws FencedError another instance has taken the partition; RetryableError nothing was committed, try again.
   */
  run(source: TopicPartition, records: readonly OutputRecord[], nextOffset?: number): Promise<void>;
  release(source: TopicPartition): Promise<void>;
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
  /** The group's committed offset by partition; null where it has none. */
  committed(groupId: string, topic: string): Promise<Map<number, number | null>>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** First offset by partition; default: the beginning. */
  from?: ReadonlyMap<number, number>;
  /** End offset (exclusive) by partition; default: the ends when the call began, open transactions waited for. */
  to?: ReadonlyMap<number, number>;
  /** Default: true. */
  readCommitted?: boolean;
  onBatch: (batch: TopicPartition & { records: readonly InputRecord[] }) => Promise<void> | void;
}

/** A connection's worth of configuration; everything else is made from it. */
export interface Kafka {
  consume(options: ConsumerOptions): Promise<RunningConsumer>;
  producer(): Promise<Producer>;
  transactor(prefix: string, groupId: string): Promise<Transactor>;
  admin(): Promise<KafkaAdmin>;
  /** Reads a topic up to its ends, whatever they hold, and returns; joins no group. */
  readToEnd(topic: string, options: ReadOptions): Promise<void>;
  /** Reads a whole (compacted) topic and goes on following it until closed. Partition-less: every reader sees all. */
  follow(topics: readonly string[], onRecord: (tp: TopicPartition, record: InputRecord) => void): Promise<Follower>;
}

export interface Follower {
  /** Resolves when everything acknowledged before this call has been handed to `onRecord`. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}
