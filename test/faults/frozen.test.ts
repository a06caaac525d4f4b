import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { CPF, chama, evento } from '../integration/http-fixture.ts';
import { until } from '../integration/until.ts';
import { Rig, SERVICES, type ServiceName } from './rig.ts';

/** What docs/http.md says, 10 s and 11 s, on a machine that has other work. Without a limit it is 30 s and more. */
const LIMIT_MS = 20_000;
const BACK_MS = 60_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

type Call = [ServiceName, string, string, object?];

/** Who stands on the server, and calls that need it. */
const CASES: Record<'redis' | 'kafka', { services: readonly ServiceName[]; calls: Call[] }> = {
  redis: {
    services: ['consolidator', 'aggregator', 'api'],
    calls: [
      ['api', 'GET', `/v1/clientes/${CPF}`],
      ['api', 'GET', '/v1/metricas'],
      ['api', 'GET', '/v1/indicadores'],
      ['api', 'POST', '/v1/esquecimentos', { cpf: CPF }],
    ],
  },
  kafka: {
    services: SERVICES,
    calls: [
      ['api', 'POST', '/v1/decisoes', evento('lms')],
      ['api', 'GET', '/v1/credenciais'],
      ['ingest', 'GET', '/v1/credenciais'],
      ['ingest', 'PUT', '/v1/fontes/outra', { nome: 'Outra' }],
      ['api', 'POST', '/v1/esquecimentos', { cpf: CPF }],
      ['api', 'GET', '/painel/dados/quarentena'],
    ],
  },
};

describe('a server that takes connections and answers none', () => {
  it.each(['redis', 'kafka'] as const)('%s: readiness says so, and nobody is kept waiting', async (server) => {
    const { services, calls } = CASES[server];
    const chave = resolveChaveOperacao();
    const faz = ([service, method, path, body]: Call) => chama(`${rig.url(service)}${path}`, method, chave, body);
    await until(async () => (await rig.notReady()) === null, 'the line to be ready', BACK_MS);
    rig.servers.signal(server, 'SIGSTOP');
    const goOn = () => rig.servers.signal(server, 'SIGCONT');
    onTestFinished(goOn);
    const began = performance.now();
    const [answers] = await Promise.all([
      Promise.all(calls.map(faz)),
      Promise.all(services.map((service) => rig.saysThatItWaits(service))),
    ]);
    expect(performance.now() - began).toBeLessThan(LIMIT_MS);
    for (const { status, headers, corpo } of answers) {
      expect([status, headers.get('retry-after'), (corpo as { codigo: string }).codigo]).toEqual([
        ...[503, '2', 'SERVICO_INDISPONIVEL'],
      ]);
    }
    goOn();
    await until(async () => (await rig.notReady()) === null, 'the line to go on', BACK_MS);
    expect(rig.crashes()).toEqual([]);
  });
});
