import { CodedError } from '../errors.ts';

/** One record is larger than a topic takes; no retry helps. */
export class RecordTooLargeError extends Error {
  override name = 'RecordTooLargeError';
  readonly code = 'REGISTRO_GRANDE_DEMAIS';
  readonly topic: string;
  readonly bytes: number;
  constructor(topic: string, bytes: number) {
    super(`REGISTRO_GRANDE_DEMAIS: um registro de ${bytes} bytes não cabe no tópico ${topic}`);
    this.topic = topic;
    this.bytes = bytes;
  }
}

/** The broker refused records as larger than their topic takes; it does not say which. */
export class RefusedAsTooLargeError extends Error {
  override name = 'RefusedAsTooLargeError';
}

/** The names, in the protocol, of what Kafka answers to a user who may not do what was asked. */
export const NOT_ALLOWED: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);

/** @param what of the protocol's names, which says on what the right is missing */
export function notAllowedError(what: string, cause: unknown): CodedError {
  return new CodedError('KAFKA_NAO_AUTORIZADO', `o Kafka não deixa este usuário fazer o que o processo faz (${what})`, {
    cause,
  });
}

export function userRefusedError(cause: unknown): CodedError {
  return new CodedError('KAFKA_RECUSOU_USUARIO', 'o Kafka recusou o usuário ou a senha', { cause });
}

/** The log does not reach the offset asked for, or no longer holds it. */
export class OutOfRangeError extends Error {
  override name = 'OutOfRangeError';
}

/** Milliseconds to wait before the next attempt: doubling from 100 ms to 10 s, half of it at random. */
export function backoff(attempt: number): number {
  const most = Math.min(10_000, 100 * 2 ** Math.min(attempt, 10));
  return most / 2 + Math.random() * (most / 2);
}

/** The codes of Node's errors that say that a server is not to be reached now. */
export const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
