import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../infra/local/ports.ts';
import { compose, images, sh } from './images.ts';

const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'];
const STOPS_WITHIN_MS = 10_000;
const env: Record<string, string> = {};

const idOf = async (service: string): Promise<string> => (await compose(env, 'ps', '-q', service)).trim();
async function inspect(service: string) {
  const [one] = JSON.parse(await sh('docker', ['inspect', await idOf(service)]));
  return one;
}

async function untilHealthy(service: string): Promise<void> {
  for (;;) {
    const { State } = await inspect(service);
    if (State.Health?.Status === 'healthy') return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

beforeAll(async () => {
  Object.assign(env, await images());
  const names = ['API_PORT', 'KAFKA_PORT', 'REGISTRY_PORT', 'REDIS_PORT', 'PROMETHEUS_PORT'];
  const ports = await freePorts(names.length);
  for (const [n, name] of names.entries()) env[name] = String(ports[n]);
  await compose(env, 'build', 'api');
  // From nothing: a run that was cut short left its volumes.
  await compose(env, 'down', '-v', '--timeout', '15');
  await compose(env, 'up', '-d');
}, 900_000);

afterAll(async () => {
  if (env.API_PORT) await compose(env, 'down', '-v', '--timeout', '15');
}, 120_000);

describe('docker compose up, from nothing', () => {
  it('becomes healthy, service by service', async () => {
    await Promise.all(SERVICES.map(untilHealthy));
  }, 240_000);

  it('plays the demo, and its audit finds no difference', async () => {
    const output = await compose(env, 'run', '--rm', 'cli', 'demo', '--events', '5000', '--json');
    const { auditoria, envio } = JSON.parse(output);
    expect(envio.enviados).toBe(5000);
    expect(auditoria.diferencas).toEqual([]);
  }, 300_000);

  it('is audited by a command of its own, once it all stands', async () => {
    const { registros, diferencas } = JSON.parse(await compose(env, 'run', '--rm', 'cli', 'audit', '--json'));
    expect(registros).toBeGreaterThanOrEqual(5000);
    expect(diferencas).toEqual([]);
  }, 120_000);

  it('lets Prometheus see every service', async () => {
    const url = `http://127.0.0.1:${env.PROMETHEUS_PORT}/api/v1/query?query=up`;
    await expect
      .poll(
        async () => {
          const { data } = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
          return data.result.filter(({ value }) => value[1] === '1').length;
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe(SERVICES.length);
  }, 90_000);
});

describe('a container of ours', () => {
  it.each(SERVICES)('%s has no rights, a read-only root, and no secret in its description', async (service) => {
    const { Config, HostConfig } = await inspect(service);
    expect(Config.User).toBe('atendido');
    expect(HostConfig.ReadonlyRootfs).toBe(true);
    expect(HostConfig.CapDrop).toEqual(['ALL']);
    expect(Config.Env.filter((one: string) => /KEY=|CHAVE_OPERACAO=/.test(one))).toEqual([]);
    const id = await sh('docker', ['exec', await idOf(service), 'id', '-u']);
    expect(id.trim()).toBe('10001');
  });

  it('has neither npm nor a compiler', async () => {
    const found = await sh('docker', [
      'exec',
      await idOf('api'),
      'sh',
      '-c',
      'command -v npm gcc make python3 || true',
    ]);
    expect(found).toBe('');
  });

  it('names the secret that it cannot read', async () => {
    const args = ['run', '--rm', '-e', 'CLIENT_ID_KEY_FILE=/nowhere', env.ATENDIDO_IMAGE ?? 'atendido:local', 'ingest'];
    await expect(sh('docker', args)).rejects.toThrow(/SEGREDO_ILEGIVEL: .*CLIENT_ID_KEY_FILE/);
  });

  it.each(SERVICES)(
    '%s stops by itself when it is told to',
    async (service) => {
      const began = Date.now();
      await compose(env, 'stop', '--timeout', '20', service);
      const [one] = JSON.parse(await sh('docker', ['inspect', (await compose(env, 'ps', '-aq', service)).trim()]));
      expect(one.State.ExitCode).toBe(0);
      expect(Date.now() - began).toBeLessThan(STOPS_WITHIN_MS + 5_000);
    },
    60_000,
  );
});
