import { KafkaJSAggregateError, KafkaJSProtocolError, KafkaJSSASLAuthenticationError } from 'kafkajs';
import { expect, it } from 'vitest';
import { RetryableError } from '../../errors.ts';
import { toPortError } from './errors.ts';

/** What kafkajs throws where a topic could not be made. */
function notMade(type: string, retriable: boolean): Error {
  const answered = new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 0, retriable }));
  return new KafkaJSAggregateError('Topic creation errors', [answered]);
}

it('says why a topic was not made: a broker that took too long is asked again, a right that is missing is named', () => {
  expect(toPortError(notMade('REQUEST_TIMED_OUT', true))).toBeInstanceOf(RetryableError);
  expect(toPortError(notMade('TOPIC_AUTHORIZATION_FAILED', false))).toMatchObject({ code: 'KAFKA_NAO_AUTORIZADO' });
  expect(toPortError(notMade('INVALID_CONFIG', false))).not.toBeInstanceOf(RetryableError);
});

it('tells a password that was refused from a broker that died while it was asked', () => {
  // Its type leaves the message out.
  const Refused = KafkaJSSASLAuthenticationError as unknown as new (message: string) => Error;
  const failed = (why: string) => toPortError(new Refused(`SASL SCRAM SHA512 authentication failed: ${why}`));
  for (const why of ['Connection error: read ECONNRESET', 'Closed connection', 'Connection timeout']) {
    expect(failed(why)).toBeInstanceOf(RetryableError);
  }
  expect(failed('SASL Authentication failed')).toMatchObject({ code: 'KAFKA_RECUSOU_USUARIO' });
});
