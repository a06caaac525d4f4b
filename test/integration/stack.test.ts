import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, type ProcessIdentity } from '#platform/config-pid.ts';
import { connectLocal, runningStack, type StackState } from '#platform/config-stack.ts';
import { probeKafka } from '../../infra/local/probes.ts';
import { startStack, stopStack } from '../../infra/local/stack.ts';
import { dispose, temporaryHome } from './stack.ts';

let home: string;
const up = () => startStack({ home, onlyServers: true });

function processOf(state: StackState | null, name: string): ProcessIdentity {
  const found = state?.processos.find((one) => one.nome === name)?.processo;
  if (!found) throw new Error(`${name} does not run`);
  return found;
}

const pidsOf = (state: StackState) => state.processos.flatMap((one) => one.processo ?? []);

beforeEach(async () => {
  home = await temporaryHome();
});

afterEach(() => dispose(home));

describe('the local stack', () => {
  it('comes up, comes up again without a change, and leaves nothing when it goes', async () => {
    const first = await up();
    const again = await up();
    expect(pidsOf(again)).toEqual(pidsOf(first));
    expect(connectLocal({ ATENDIDO_HOME: home }).redisUrl).toBe(first.ambiente.REDIS_URL);

    expect(await stopStack(home)).toBe(true);
    expect([first.supervisor, ...pidsOf(first)].filter(isAlive)).toEqual([]);
    expect(await stopStack(home)).toBe(false);
    expect(() => connectLocal({ ATENDIDO_HOME: home })).toThrow(expect.objectContaining({ code: 'PILHA_PARADA' }));
  });

  it('starts a killed broker again, and says so', async () => {
    const before = await up();
    process.kill(processOf(before, 'kafka').pid, 'SIGKILL');
    await expect
      .poll(() => runningStack(home)?.processos.find((one) => one.nome === 'kafka')?.ultimaSaida)
      .toMatchObject({
        sinal: 'SIGKILL',
      });
    const after = await up();
    expect(processOf(after, 'kafka')).not.toEqual(processOf(before, 'kafka'));
    expect(await probeKafka(after.processos.find((one) => one.nome === 'kafka')?.porta ?? 0)).toBeNull();
  });

  it('survives a killed supervisor: orphans go, data and addresses stay', async () => {
    const before = await up();
    const redis = new Redis(before.ambiente.REDIS_URL);
    await redis.set('antes', 'sim');
    redis.disconnect();
    process.kill(before.supervisor.pid, 'SIGKILL');
    await expect.poll(() => isAlive(before.supervisor)).toBe(false);
    expect(isAlive(processOf(before, 'kafka'))).toBe(true);

    const after = await up();
    expect(pidsOf(before).filter(isAlive)).toEqual([]);
    expect(after.ambiente).toEqual(before.ambiente);
    const again = new Redis(after.ambiente.REDIS_URL);
    expect(await again.get('antes')).toBe('sim');
    again.disconnect();
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
