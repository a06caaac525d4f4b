import { expect, it } from 'vitest';
import type { KafkaConfig } from '../settings.ts';
import { addressOf } from './client.ts';

it('lets kafkajs write into the user it is told, which is not ours: a recount takes ours to its threads', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'operacao', password: 'segredo' } as const;
  const config: KafkaConfig = { brokers: ['127.0.0.1:9'], clientId: 'teste', sasl };
  // As node_modules/kafkajs/src/broker/saslAuthenticator does.
  Object.assign(addressOf(config).sasl ?? {}, { authenticationProvider: () => undefined });
  expect(structuredClone(config)).toEqual(config);
  expect(sasl).not.toHaveProperty('authenticationProvider');
});
