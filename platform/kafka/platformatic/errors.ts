import { CodedError, RetryableError } from '../../errors.ts';
import {
  NETWORK_CODES,
  NOT_ALLOWED,
  notAllowedError,
  OutOfRangeError,
  RefusedAsTooLargeError,
  userRefusedError,
} from '../errors.ts';

/** What the client's errors carry, of their own, of a broker's answer or of Node's. */
interface Shape extends Error {
  code?: string | number;
  /** The protocol's name of an error a broker answered. */
  apiId?: string;
  canRetry?: boolean;
  errors?: unknown[];
}

/** Those the client calls final, though another coordinator, a new producer or a new generation cures them. */
const CURABLE: ReadonlySet<string> = new Set([
  'BROKER_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_CONTROLLER',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'TRANSACTION_ABORTABLE',
  'MEMBER_ID_REQUIRED',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
]);

/** The id was taken by another holder, or the broker ended a transaction that took too long: a new holder goes on. */
const FENCED: ReadonlySet<string> = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH']);
/** The group goes on without this member as it was: it learns so, and joins again. */
const REPLACED: ReadonlySet<string> = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
const OTHER_INSTANCE: ReadonlySet<string> = new Set(['FENCED_INSTANCE_ID']);
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** The error, those it gathers and those that caused it. */
function all(error: unknown, found: Shape[] = []): Shape[] {
  if (!(error instanceof Error) || found.length > 50) return found;
  const shape = error as Shape;
  found.push(shape);
  for (const inner of shape.errors ?? []) all(inner, found);
  return all(shape.cause, found);
}

function named(error: unknown, names: ReadonlySet<string>): boolean {
  return all(error).some((e) => e.apiId !== undefined && names.has(e.apiId));
}

/** Asking again as the same holder, or the same member, will not help. */
export function isFenced(error: unknown): boolean {
  return named(error, FENCED) || named(error, REPLACED);
}

/** Another process is in the group under the name of this one. */
export function isOtherInstance(error: unknown): boolean {
  return named(error, OTHER_INSTANCE);
}

/** A transaction that moves a group's offset asked for is not settled. */
export function isUnsettled(error: unknown): boolean {
  return named(error, new Set(['UNSTABLE_OFFSET_COMMIT']));
}

/** The topic to be created exists. */
export function isThere(error: unknown): boolean {
  return named(error, new Set(['TOPIC_ALREADY_EXISTS']));
}

/** A server is away or asks to wait. */
export function isRetryable(error: unknown): boolean {
  const errors = all(error);
  if (errors.some((e) => e instanceof RetryableError)) return true;
  const answered = errors.filter((e) => e.apiId !== undefined);
  if (answered.length > 0) return answered.every((e) => e.canRetry === true || CURABLE.has(e.apiId ?? ''));
  if (errors.some((e) => typeof e.code === 'string' && NETWORK_CODES.has(e.code))) return true;
  if (errors.some((e) => e.code === 'PLT_KFK_NETWORK')) return true;
  // Just created, and not yet known everywhere.
  return errors.some((e) => e.code === 'PLT_KFK_USER' && e.message.startsWith('Unknown topic'));
}

/** The broker refused the user itself, not what it asks for. */
function isUserRefused(error: unknown): boolean {
  return all(error).some((e) => e.code === 'PLT_KFK_AUTHENTICATION') && !isRetryable(error);
}

/** What the port promises: a RetryableError where trying again may help, else the error as it is. */
export function toPortError(error: unknown): Error {
  if (error instanceof RetryableError || error instanceof CodedError) return error;
  if (isOtherInstance(error)) {
    return new CodedError('INSTANCIA_REPETIDA', 'outro processo está no grupo com o nome deste', { cause: error });
  }
  const refused = all(error).find((e) => e.apiId !== undefined && NOT_ALLOWED.has(e.apiId))?.apiId;
  if (refused !== undefined) return notAllowedError(refused, error);
  if (isUserRefused(error)) return userRefusedError(error);
  if (named(error, TOO_LARGE)) return new RefusedAsTooLargeError('registro grande demais', { cause: error });
  if (named(error, new Set(['OFFSET_OUT_OF_RANGE']))) return new OutOfRangeError(String(error), { cause: error });
  if (isRetryable(error) || isFenced(error)) {
    return new RetryableError(all(error).at(-1)?.message ?? 'Kafka', { cause: error });
  }
  return error instanceof Error ? error : new Error(String(error));
}
