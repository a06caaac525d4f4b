import { Kafka as KafkaJs, logLevel, type SASLOptions } from 'kafkajs';
import { type KafkaConfig, logOf, tlsOf } from '../settings.ts';
import './codecs.ts';
import './connecting.ts';

/** Given whole everywhere: kafkajs fills what is missing from defaults that change with NODE_ENV. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 5 };

/**
 * Of sends: kafkajs does not repeat them. Where it does, it asks those brokers that have not answered yet for what they lead
 * by then: a partition that went meanwhile to one which had answered for another is taken for sent, and what was for it is
 * lost though acknowledged; one that came from such a broker is sent twice.
 */
export const SEND_ONCE = { ...RETRY, retries: 0 };

export const CONNECTION = { connectionTimeout: 5_000, authenticationTimeout: 10_000, requestTimeout: 30_000 };

/**
 * How kafkajs is told where and who. It begins with the first broker of those it is told: not always the same one, which may
 * be the one that stands still. The user is a copy: kafkajs puts a function into it, with which it can no longer go to a
 * thread.
 */
export function addressOf({ brokers: known, clientId, sasl, ...tls }: KafkaConfig) {
  const first = Math.floor(Math.random() * known.length);
  const brokers = [...known.slice(first), ...known.slice(0, first)];
  return { brokers, clientId, ssl: tlsOf(tls) ?? false, ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}) };
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
      const { message: told, timestamp: _timestamp, logger: _logger, ...fields } = entry.log;
      // An error, where a broker could not be connected to.
      const message = String(told);
      watch?.(message, fields);
      // Every answer with an error code is an error to kafkajs, also those it goes on to retry; the rest reach callers.
      if (message.startsWith('Response ')) log.debug(fields, message);
      else log.warn(fields, message);
    },
  });
}
