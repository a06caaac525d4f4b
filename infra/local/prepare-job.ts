import { readConfig } from '#platform/config.ts';
import { createKafka } from '#platform/kafka/kafkajs/index.ts';
import { prepare } from '#platform/prepare.ts';
import { connectRegistry } from '#platform/registry.ts';

const { kafka, registryUrl, partitions, replicationFactor } = readConfig();
await prepare({
  kafka: createKafka({ ...kafka, clientId: 'atendido-preparacao' }),
  registry: connectRegistry(registryUrl),
  partitions,
  replicationFactor,
  onWaiting: (cause) => process.stderr.write(`${cause.message}\n`),
});
