import { randomUUID } from 'node:crypto';

/** The part of a pino logger that a client writes to. */
export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface KafkaConfig {
  /** `host:port` */
  brokers: string[];
  clientId: string;
  ssl?: boolean;
  /** PEM: the only authority that certificates are held against; null: those Node knows. */
  ca?: string | null;
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | null;
  /** A name that no other process of a group uses at the same time; null: one is made up at every start. */
  instance?: string | null;
  /** Where we are, as `broker.rack` has it: reading is from a replica here where the cluster offers one. */
  rack?: string | null;
  /** Without it the client's own messages are dropped; errors still reach callers. */
  log?: KafkaLog;
}

/** What a connection is made with over TLS; null: without it. */
export function tlsOf({ ssl, ca }: Pick<KafkaConfig, 'ssl' | 'ca'>): { ca?: string } | null {
  if (ssl !== true) return null;
  return ca ? { ca } : {};
}

const SILENT: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };

export function logOf(config: KafkaConfig): KafkaLog {
  return config.log ?? SILENT;
}

/** What a member of a group promises its coordinator, milliseconds. */
export const SESSION = { sessionTimeout: 20_000, rebalanceTimeout: 60_000, heartbeatInterval: 1_500 };
/** Of a consumer's fetches; nothing new: the broker may hold the answer back for `maxWait` milliseconds. */
export const FETCH = { maxWait: 150, maxBytes: 4 * 1024 * 1024, maxBytesPerPartition: 1024 * 1024 };
/** Of a reader's without a group, which waits for nothing else. */
export const READ = { maxWait: 250, maxBytes: 16 * 1024 * 1024, maxBytesPerPartition: 2 * 1024 * 1024 };
/** What a consumer keeps at hand, as it came (mostly compressed): the next rounds while those under way end. */
export const PREFETCHED_BYTES = 4 * 1024 * 1024;
/** The most that a round holds. */
export const ROUND = { records: 5_000, bytes: 2 * 1024 * 1024 };
/** A round that takes this long hangs, and is to lose its partitions. */
export const HUNG_MS = 300_000;
/**
 * How long a stop waits, milliseconds, where servers do not answer: for the rounds under way, for what a consumer has
 * left to tell and close, for a follower's connections, for sends outside transactions: of a door they are what is left of
 * its requests, which had their time before. Together they leave some of the 10 s that a process has to stop.
 */
export const STOP = { rounds: 4_000, consumer: 3_000, follower: 1_000, sends: 1_500 };
/**
 * Readers of committed records wait this long, at most, for a transaction left open by a process that died; one that
 * comes back under its name ends it at once.
 */
export const TRANSACTION_TIMEOUT_MS = 15_000;

/**
 * What a process is called in a group: under its instance's name it comes back to its partitions without a rebalance,
 * and ends what its predecessor left open. Without static membership no name: two processes of one name would both stay in
 * the group, and take the transactional id from each other for ever.
 */
export function nameInGroup(groupId: string, instance: string | null | undefined) {
  const instanceId = instance ? `${groupId}-${instance}` : null;
  return { instanceId, transactionalId: instanceId ?? `${groupId}-${randomUUID()}` };
}
