import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive } from '#platform/config-pid.ts';
import { connectLocal } from '#platform/config-stack.ts';
import { startStack, stopStack } from '../../infra/local/stack.ts';
import { pidsOf } from './processes.ts';
import { dispose, temporaryHome } from './stack.ts';

let home: string;
const up = () => startStack({ home, onlyServers: true });

beforeEach(async () => {
  // Wherever the other tests' servers are: this one's are its own.
  for (const elsewhere of ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'REDIS_URL']) vi.stubEnv(elsewhere, undefined);
  home = await temporaryHome();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await dispose(home);
});

describe('the local stack', () => {
  it('comes up, comes up again without a change, and leaves nothing when it goes', async () => {
    const first = await up();
    const again = await up();
    expect(pidsOf(again)).toEqual(pidsOf(first));
    expect(connectLocal({ ATENDIDO_HOME: home }).redis.url).toBe(first.ambiente.REDIS_URL);
    if (process.platform === 'linux') {
      for (const { pid } of [first.supervisor, ...pidsOf(first)]) {
        expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m);
      }
    }

    expect(await stopStack(home)).toBe(true);
    expect([first.supervisor, ...pidsOf(first)].filter(isAlive)).toEqual([]);
    expect(await stopStack(home)).toBe(false);
    expect(() => connectLocal({ ATENDIDO_HOME: home })).toThrow(expect.objectContaining({ code: 'PILHA_PARADA' }));
  });

  it('goes to other ports where its own are taken', async () => {
    const ports = JSON.parse(readFileSync(join(home, 'portas.json'), 'utf8')) as Record<string, number>;
    const taken = await Promise.all([ports.kafka, ports.registro, ports.redis].map((port) => listen(port ?? 0)));
    try {
      const state = await up();
      const chosen = state.processos.map((one) => one.porta);
      for (const server of taken) expect(chosen).not.toContain((server.address() as { port: number }).port);
    } finally {
      for (const server of taken) server.close();
    }
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
