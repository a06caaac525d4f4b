import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '#platform/config.ts';
import { RetryableError } from '#platform/errors.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { prepare } from '#platform/prepare.ts';
import { connectRegistry } from '#platform/registry.ts';
import { takeSecretsFromFiles } from '#platform/segredos.ts';

const PATIENCE_MS = 30_000;

/** A new broker makes its groups' own topic when first asked, and refuses groups meanwhile: better now than to each service. */
async function wakeGroupCoordinator(kafka: Kafka): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  const admin = await kafka.admin();
  try {
    for (;;) {
      try {
        await admin.committed('atendido-preparacao', 'interacoes');
        return;
      } catch (error) {
        if (!(error instanceof RetryableError) || Date.now() > limit) throw error;
        await wait(100);
      }
    }
  } finally {
    await admin.close();
  }
}

const UNNEEDED = ['REDIS_URL', 'CLIENT_ID_KEY'] as const;
takeSecretsFromFiles(process.env, UNNEEDED);
const config = readConfig(process.env, UNNEEDED);
const kafka = createKafka({ ...config.kafka, clientId: 'atendido-preparacao' });
await prepare({
  kafka,
  registry: connectRegistry(config.registryUrl),
  partitions: config.partitions,
  replicationFactor: config.replicationFactor,
  onWaiting: (cause) => process.stderr.write(`${cause.message}\n`),
});
await wakeGroupCoordinator(kafka);
