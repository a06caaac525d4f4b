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
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | null;
  /** Without it the client's own messages are dropped; errors still reach callers. */
  log?: KafkaLog;
}

const SILENT: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };

export function logOf(config: KafkaConfig): KafkaLog {
  return config.log ?? SILENT;
}

/** What a member of a group promises its coordinator, milliseconds. */
export const SESSION = { sessionTimeout: 20_000, rebalanceTimeout: 60_000, heartbeatInterval: 1_500 };
/** How long a broker may hold a consumer's fetch back when there is nothing new. */
export const FETCH_WAIT_MS = 150;
/** A fenced member waits longer than a heartbeat, so that it learns of a rebalance before it takes the id back. */
export const FENCED_WAIT_MS = 2 * SESSION.heartbeatInterval;
/** A handler that says nothing for this long hangs, and is to lose its partitions. */
export const HUNG_MS = 300_000;
/** Readers of committed records wait this long, at most, for a transaction left open by a process that died. */
export const TRANSACTION_TIMEOUT_MS = 30_000;
