import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import type { Line } from '../line/line.ts';

/** A service of its own beside the line's, with other keys. @returns its exit code and what it said */
export async function sobe(
  { config, home }: Line,
  servico: 'ingest' | 'api',
  chaves: Record<string, string>,
): Promise<[number | null, string]> {
  const processo = spawn(process.execPath, [join(PROJECT_ROOT, `services/${servico}/main.ts`)], {
    env: {
      ...{ PATH: process.env.PATH, ATENDIDO_HOME: home, PORT: '0' },
      ...{ KAFKA_BROKERS: config.kafka.brokers.join(), SCHEMA_REGISTRY_URL: config.registryUrl },
      ...{ REDIS_URL: config.redis.url, ...chaves },
    },
  });
  let dito = '';
  for (const saida of [processo.stdout, processo.stderr]) saida.on('data', (texto) => (dito += texto));
  const [codigo] = await once(processo, 'close');
  return [codigo, dito];
}
