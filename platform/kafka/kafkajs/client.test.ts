import { expect, it } from 'vitest';
import type { KafkaConfig } from '../settings.ts';
import { addressOf, newClient } from './client.ts';

it('lets kafkajs write into the user it is told, which is not ours: a recount takes ours to its threads', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'operacao', password: 'segredo' } as const;
  const config: KafkaConfig = { brokers: ['127.0.0.1:9'], clientId: 'teste', sasl };
  // As node_modules/kafkajs/src/broker/saslAuthenticator does.
  Object.assign(addressOf(config).sasl ?? {}, { authenticationProvider: () => undefined });
  expect(structuredClone(config)).toEqual(config);
  expect(sasl).not.toHaveProperty('authenticationProvider');
});

it('takes what kafkajs logs as it comes, an error in the place of words too', () => {
  const heard: string[] = [];
  const log = { debug() {}, info() {}, warn: (_: object, message: string) => void heard.push(message), error() {} };
  const client = newClient({ brokers: ['127.0.0.1:9'], clientId: 'teste', log });
  // As node_modules/kafkajs/src/cluster/brokerPool.js does.
  client.logger().error(new Error('Connection error') as unknown as string);
  expect(heard).toEqual(['Error: Connection error']);
});
