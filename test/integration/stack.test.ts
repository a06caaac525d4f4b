import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive } from '#platform/config-pid.ts';
import { connectLocal } from '#platform/config-stack.ts';
import { kafkaServer } from '../../infra/local/kafka-server.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { type Ports, savePorts } from '../../infra/local/ports.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { registryServer } from '../../infra/local/registry-server.ts';
import { startStack, stopStack } from '../../infra/local/stack.ts';
import { pidsOf, processOf } from './processes.ts';
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
    const taken = await Promise.all([listen(), listen(), listen()]);
    const [kafka = 0, registro = 0, redis = 0] = taken.map((server) => (server.address() as { port: number }).port);
    savePorts(pathsOf(home).ports, { ...portsOf(home), kafka, registro, redis });
    try {
      const state = await up();
      const chosen = state.processos.map((one) => one.porta);
      for (const port of [kafka, registro, redis]) expect(chosen).not.toContain(port);
    } finally {
      for (const server of taken) server.close();
    }
  });

  it('comes up beside another that starts at the same instant on the same ports, and takes none of its servers for its own', async () => {
    const other = await temporaryHome();
    try {
      savePorts(pathsOf(other).ports, portsOf(home));
      const [its] = await Promise.all([startStack({ home: other, onlyServers: true }), up()]);
      const [ports, otherPorts] = [portsOf(home), portsOf(other)];
      expect(Object.values(ports).filter((port) => Object.values(otherPorts).includes(port))).toEqual([]);
      expect(its.processos.map(({ reinicios, ultimaSaida }) => ({ reinicios, ultimaSaida }))).toEqual(
        its.processos.map(() => ({ reinicios: 0, ultimaSaida: null })),
      );

      // As if the other's servers were to listen on our ports.
      const mistaken = [
        kafkaServer(pathsOf(other), ports),
        registryServer(pathsOf(other), ports),
        await redisServer(pathsOf(other), ports),
      ];
      for (const spec of mistaken) {
        const { pid } = processOf(its, spec.nome);
        expect(await spec.probe(pid), spec.nome).toBe('outro processo responde na sua porta');
      }
    } finally {
      await dispose(other);
    }
  });
});

const portsOf = (folder: string) => JSON.parse(readFileSync(pathsOf(folder).ports, 'utf8')) as Ports;

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
