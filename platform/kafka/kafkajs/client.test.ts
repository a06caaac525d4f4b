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

it('begins with any of the brokers, each in its turn: one of them may stand still', () => {
  const brokers = ['a:1', 'b:2', 'c:3'];
  const told = Array.from({ length: 200 }, () => addressOf({ brokers, clientId: 'teste' }).brokers);
  expect(new Set(told.map(([first]) => first))).toEqual(new Set(brokers));
  for (const all of told) expect(all.toSorted()).toEqual(brokers);
});
