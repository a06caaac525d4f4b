import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '#platform/config-pid.ts';
import { runningStack } from '#platform/config-stack.ts';
import { kafkaServer } from '../../infra/local/kafka-server.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import type { Ports } from '../../infra/local/ports.ts';
import { startStack } from '../../infra/local/stack.ts';
import { pidsOf, processOf } from '../integration/processes.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';

let home: string;
const up = () => startStack({ home, onlyServers: true });

beforeAll(async () => {
  home = await temporaryHome();
});
afterAll(() => dispose(home));

describe('the local stack', () => {
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
    const paths = pathsOf(home);
    const ports = JSON.parse(readFileSync(paths.ports, 'utf8')) as Ports;
    expect(await kafkaServer(paths, ports).probe(processOf(after, 'kafka').pid)).toBeNull();
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
});
