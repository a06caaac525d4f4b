import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';

const NINGUEM = 'http://127.0.0.1:1';
const SERVIDORES = { KAFKA_BROKERS: '127.0.0.1:1', SCHEMA_REGISTRY_URL: NINGUEM, REDIS_URL: 'redis://127.0.0.1:1' };

/** What a command says on stderr, before the message. */
function codigoDe(args: readonly string[], env: Readonly<Record<string, string>>): string | undefined {
  const chaves = { CLIENT_ID_KEY: 'chave-de-teste-dos-enderecos', ATENDIDO_CHAVE_OPERACAO: 'operacao-'.repeat(5) };
  const { stderr } = spawnSync(process.execPath, [join(PROJECT_ROOT, 'services/cli/main.ts'), ...args], {
    env: { PATH: process.env.PATH ?? '', ...chaves, ...env },
    encoding: 'utf8',
  });
  return /^([A-Z_]+): /m.exec(stderr)?.[1];
}

describe('a mesma causa tem um código só', () => {
  it.each(['export --from 2026-01-01 --out x', 'id 529.982.247-25', 'lag'])('um servidor fora: %s', (comando) => {
    expect(codigoDe(comando.split(' '), SERVIDORES)).toBe('SERVIDOR_FORA');
  });

  it.each(['demo --events 1', 'report', 'key list'])('a api fora: %s', (comando) => {
    expect(codigoDe(comando.split(' '), { ATENDIDO_API_URL: NINGUEM })).toBe('SERVIDOR_FORA');
  });

  it.each(['demo --events 1', 'report', 'key list'])('o endereço da api não é um: %s', (comando) => {
    for (const dado of ['foo', 'localhost:8080', 'redis://x:1']) {
      expect(codigoDe(comando.split(' '), { ATENDIDO_API_URL: dado }), dado).toBe('CONFIGURACAO_INVALIDA');
    }
  });
});
