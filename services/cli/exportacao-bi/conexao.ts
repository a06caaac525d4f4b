import { connectLocal } from '#platform/config-stack.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { createLogger } from '#platform/logging.ts';
import { connectRegistry } from '#platform/registry.ts';
import type { Servidores } from './exportacao.ts';

/**
 * Connects to Kafka and the registry alone, for as long as `trabalho` takes: whoever exports need not reach Redis.
 * @throws CodedError PILHA_PARADA; RetryableError
 */
export async function comServidores<T>(trabalho: (servidores: Servidores) => Promise<T>): Promise<T> {
  const config = connectLocal();
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-export', log: createLogger('cli', 'silent') });
  const admin = await kafka.admin();
  try {
    return await trabalho({ kafka, admin, registry: connectRegistry(config.registryUrl) });
  } finally {
    await admin.close();
  }
}
