import { Kafka as KafkaJs, logLevel, type SASLOptions } from 'kafkajs';

/** The part of a pino logger that the client writes to. */
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

/** Given whole everywhere: kafkajs fills what is missing from defaults that change with NODE_ENV. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 5 };

export const CONNECTION = { connectionTimeout: 5_000, authenticationTimeout: 10_000, requestTimeout: 30_000 };

const SILENT: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };

export function logOf(config: KafkaConfig): KafkaLog {
  return config.log ?? SILENT;
}

export function addressOf({ brokers, clientId, ssl, sasl }: KafkaConfig) {
  return { brokers, clientId, ssl: ssl ?? false, ...(sasl ? { sasl: sasl as SASLOptions } : {}) };
}

/**
 * A kafkajs instance of its own: instances share a table of committed offsets by group, so every consumer needs one.
 * `watch` sees each message the client logs at warning level or above.
 */
export function newClient(config: KafkaConfig, watch?: (message: string, fields: object) => void): KafkaJs {
  const log = logOf(config);
  return new KafkaJs({
    ...CONNECTION,
    ...addressOf(config),
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, ...fields } = entry.log;
      watch?.(message, fields);
      // Every answer with an error code is an error to kafkajs, also those it goes on to retry; the rest reach callers.
      if (message.startsWith('Response ')) log.debug(fields, message);
      else log.warn(fields, message);
    },
  });
}
