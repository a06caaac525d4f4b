import { codecFor } from '../codec.ts';
import type { Kafka } from '../kafka/port.ts';
import type { Registry } from '../registry.ts';
import { TOPICO_DA_QUARENTENA } from './registros.ts';
import { Resolucoes, TOPICO_DAS_RESOLUCOES } from './resolucoes.ts';

/** What reads the quarantine, and what was resolved of it. @throws RetryableError the registry is away */
export async function lidasDaQuarentena(registry: Registry, kafka: Kafka) {
  const [interacoes, quarentenas, resolucoes] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, TOPICO_DA_QUARENTENA),
    codecFor(registry, TOPICO_DAS_RESOLUCOES),
  ]);
  return { interacoes, quarentenas, resolucoes: new Resolucoes(kafka, resolucoes) };
}
