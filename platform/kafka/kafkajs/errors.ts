import { CodedError, RetryableError } from '../../errors.ts';
import {
  NETWORK_CODES,
  NOT_ALLOWED,
  notAllowedError,
  OutOfRangeError,
  RefusedAsTooLargeError,
  userRefusedError,
} from '../errors.ts';

/** Those kafkajs gives up on at once, though another coordinator or a new producer cures them. */
const CURABLE_TYPES = new Set([
  'BROKER_NOT_AVAILABLE',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
]);

/** Those that kafkajs calls final, though they only say that a broker was not there to ask. */
const AWAY_NAMES = new Set(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSTimeout', 'KafkaJSLockTimeout']);

/** Those of the group: this member is out of date, and will learn so and join again. */
const MEMBERSHIP_TYPES = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

const USER_REFUSED = 'KafkaJSSASLAuthenticationError';
/** kafkajs names the death of a broker that was asked who we are as it names a wrong password: only its message tells. */
const CUT_OFF = /Connection error|Closed connection|Connection timeout|Not connected|timed out|closed by the server/;

/** A broker that died while it was asked who we are. */
export function isCutOff(error: unknown): error is Error {
  return error instanceof Error && error.name === USER_REFUSED && CUT_OFF.test(error.message);
}

interface KafkaJsErrorShape extends Error {
  retriable?: boolean;
  type?: string;
  code?: string | number;
  /** Of a request about several topics, one for each that failed. */
  errors?: unknown[];
}

/** The error, then what caused it, and so on: kafkajs wraps the one that tells. */
function chain(error: unknown): KafkaJsErrorShape[] {
  const found: KafkaJsErrorShape[] = [];
  for (let e = error; e instanceof Error && found.length < 10; ) {
    const shape: KafkaJsErrorShape = e;
    found.push(shape);
    e = shape.cause ?? shape.errors?.[0];
  }
  return found;
}

function root(error: unknown): KafkaJsErrorShape | undefined {
  return chain(error).at(-1);
}

/** A server is away or asks to wait. */
export function isRetryable(error: unknown): boolean {
  const all = chain(error);
  if (all.some((e) => e instanceof RetryableError || e.name === 'KafkaJSNumberOfRetriesExceeded')) return true;
  if (all.some((e) => AWAY_NAMES.has(e.name))) return true;
  if (all.some(isCutOff)) return true;
  const last = all.at(-1);
  if (last === undefined) return false;
  if (last.retriable === true || CURABLE_TYPES.has(last.type ?? '') || MEMBERSHIP_TYPES.has(last.type ?? ''))
    return true;
  // What kafkajs throws, untyped, on a broker that is just connecting again.
  if (last.message === 'Broker not connected') return true;
  return typeof last.code === 'string' && NETWORK_CODES.has(last.code);
}

export function isConcurrentTransaction(error: unknown): boolean {
  return root(error)?.type === 'CONCURRENT_TRANSACTIONS';
}

/** kafkajs has no name for PRODUCER_FENCED, code 90: only its message tells. A new holder of the id goes on. */
function isFenced(error: unknown): boolean {
  return chain(error).some((e) => e.type === 'INVALID_PRODUCER_EPOCH' || e.message === 'Unknown error code 90');
}

/** What the port promises: a RetryableError where trying again may help, else the error as it is. */
export function toPortError(error: unknown): Error {
  if (error instanceof RetryableError || error instanceof CodedError) return error;
  const last = root(error);
  if (last?.type === 'MESSAGE_TOO_LARGE' || last?.type === 'RECORD_LIST_TOO_LARGE') {
    return new RefusedAsTooLargeError('registro grande demais', { cause: error });
  }
  if (last?.type !== undefined && NOT_ALLOWED.has(last.type)) return notAllowedError(last.type, error);
  if (chain(error).some((e) => e.name === USER_REFUSED && !isCutOff(e))) return userRefusedError(error);
  if (last?.type === 'OFFSET_OUT_OF_RANGE') return new OutOfRangeError(String(error), { cause: error });
  if (isRetryable(error) || isFenced(error)) return new RetryableError(last?.message ?? 'Kafka', { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
