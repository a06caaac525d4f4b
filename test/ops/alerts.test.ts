import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import type { PartitionLag } from '#platform/lag/monitor.ts';
import { connectRedis } from '#platform/redis.ts';
import { consultas } from '../../infra/grafana/paineis.ts';
import { promtool } from '../../infra/prometheus/programas.ts';
import { alertas, gravacoes, metricasDe } from '../../infra/prometheus/regras.ts';
import { cpfOf } from '../faults/interactions.ts';
import { SERVICES, type ServiceName } from '../faults/rig.ts';
import { until } from '../integration/until.ts';
import { asJson } from '../line/command.ts';
import { RUNBOOKS_URL } from './prometheus.ts';
import { counts, PATIENCE_MS, watchedLine } from './watched-line.ts';

const line = watchedLine();
const { send } = line;
/** Alerts that a fault of this file made fire. */
const fired = new Set<string>();

/** Waits until these fire, with these labels, and remembers that they did. */
async function fires(name: string, labels: Record<string, string>): Promise<void> {
  const matches = (has: Record<string, string>) => Object.entries(labels).every(([k, v]) => has[k] === v);
  const found = async () => (await line.prometheus.firing()).find((one) => one.name === name && matches(one.labels));
  const seen = async () => (await found())?.runbook === `${RUNBOOKS_URL}/${name}.md`;
  await until(seen, `${name} ${JSON.stringify(labels)} to fire, with its runbook`, PATIENCE_MS);
  fired.add(name);
}

const events = (n: number, data: object = {}) => Array.from({ length: n }, () => counts(data));

/** Does it again and again until the work is done. */
async function meanwhile<T>(again: () => Promise<unknown>, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  // It is told to the caller below; nobody listens while `again` is under way.
  finished.catch(() => undefined);
  while (!done) {
    await again();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return finished;
}

const metricsOf = async (service: ServiceName): Promise<string> =>
  (await fetch(`${line.rig.url(service)}/metrics`)).text();

describe('a line that is well', () => {
  it('is scraped whole, and no alert goes on firing', async () => {
    expect(await send(events(50))).toBe(202);
    const all = async () => (await line.prometheus.query('up{job="atendido"} == 1')).length === SERVICES.length;
    await until(all, 'every service to be scraped', PATIENCE_MS);
    const lines = (await asJson('lag')).resultado as PartitionLag[];
    expect(lines).toHaveLength(4 * line.rig.config.partitions);
    expect([...new Set(lines.map(({ state }) => state))]).toEqual(['ok']);
    const told = async () =>
      (await line.prometheus.query('kafka_consumergroup_lag')).length === 4 * line.rig.config.partitions;
    await until(told, 'the lag of every group and partition', PATIENCE_MS);
    const nothingBehind = async () => (await line.prometheus.query('sum(kafka_consumergroup_lag) == 0')).length === 1;
    await until(nothingBehind, 'nothing to be behind', PATIENCE_MS);
    // Before the first scrape there was nothing to know of.
    await until(async () => (await line.prometheus.firing()).length === 0, 'no alert to fire', PATIENCE_MS);
  });

  it.each(SERVICES)('%s names its metrics as Prometheus asks', async (service) => {
    const text = await metricsOf(service);
    expect(promtool(['check', 'metrics'], text)).toEqual({ codigo: 0, saida: '' });
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'http_request_duration_seconds',
    ]) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    const ours = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    for (const name of ours) expect(name).toMatch(/^(atendido|http|kafka|nodejs|process)_[a-z0-9_]+$/);
  });

  it('tells of every metric of ours in docs/operations.md, and of no other', async () => {
    const texts = await Promise.all(SERVICES.map(metricsOf));
    const told = texts.flatMap((text) => [...text.matchAll(/^# TYPE ((?:atendido|kafka|http)_\w+)/gm)]);
    const names = new Set(told.map(([, name = '']) => name));
    const page = readFileSync(join(PROJECT_ROOT, 'docs/operations.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `((?:atendido|kafka|http)_\w+)(?:\{[\w,]+\})?` \|/gm)].map(
      ([, name = '']) => name,
    );
    expect(rows.toSorted()).toEqual([...names].toSorted());
  });

  it('has every metric that rules and dashboards ask for', async () => {
    const exists = new Set(['up', ...gravacoes().map(({ record }) => record)]);
    for (const service of SERVICES) {
      for (const [, name = '', type] of (await metricsOf(service)).matchAll(/^# TYPE (\S+) (\w+)/gm)) {
        const parts = type === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
        for (const part of parts) exists.add(name + part);
      }
    }
    const asked = [...alertas(), ...gravacoes(), ...consultas()].flatMap(({ expr }) => [...metricasDe(expr)]);
    expect(asked.filter((name) => !exists.has(name))).toEqual([]);
  });
});

describe('a real fault makes each alert fire', () => {
  it('a system that sends what nobody can read', async () => {
    const refused = fires('AtendidoRecusasNaPorta', { severity: 'aviso' });
    await meanwhile(() => send([...events(2), ...events(3, { unidade: 'XX' })]), refused);
  });

  it('a system that names solutions the portfolio does not have', async () => {
    const unknown = { tipoSolucao: 'curso-ead', solucaoId: 'NAO-HA' };
    const quarantined = fires('AtendidoQuarentenaAlta', { severity: 'aviso' });
    await meanwhile(() => send([...events(2), ...events(3, unknown)]), quarantined);
  });

  it('a service that is killed again and again', async () => {
    const restarts = async () => {
      const [now] = await line.prometheus.query('process_start_time_seconds{service="consolidator"}');
      const before = now?.value ?? 0;
      line.rig.signal('consolidator', 'SIGKILL');
      const again = async () => {
        const [one] = await line.prometheus.query('process_start_time_seconds{service="consolidator"}');
        return one !== undefined && one.value > before;
      };
      await until(again, 'the new process to be scraped', PATIENCE_MS);
    };
    for (let n = 0; n < 3; n += 1) await restarts();
    await fires('AtendidoServicoReinicia', { service: 'consolidator' });
  });

  it('a classifier that hangs', async () => {
    line.rig.signal('classifier', 'SIGSTOP');
    try {
      await send(events(100));
      await fires('AtendidoServicoFora', { service: 'classifier' });
      const late = { consumergroup: 'atendido-classifier', topic: 'interacoes' };
      const seen = asJson('lag', '--observar', '62s');
      await Promise.all([fires('AtendidoLeitorAtrasado', late), fires('AtendidoLeitorParado', late), seen]);
      const stopped = ((await seen).resultado as PartitionLag[]).filter(({ state }) => state === 'parado');
      expect(stopped.length).toBeGreaterThan(0);
      for (const one of stopped) expect(one).toMatchObject({ grupo: 'atendido-classifier', topico: 'interacoes' });
    } finally {
      line.rig.signal('classifier', 'SIGCONT');
    }
  });

  it('a Redis that is away', async () => {
    const made = await fetch(`${line.rig.url('ingest')}/v1/credenciais/leitora`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${resolveChaveOperacao()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ papeis: ['consulta'] }),
    });
    const { chave } = (await made.json()) as { chave: string };
    const ask = () =>
      fetch(`${line.rig.url('api')}/v1/clientes/${cpfOf(1)}`, { headers: { authorization: `Bearer ${chave}` } });
    const release = line.rig.servers.holdDown('redis');
    try {
      const alerts = [
        fires('AtendidoServicoNaoPronto', { service: 'api' }),
        fires('AtendidoAtrasoDesconhecido', { consumergroup: 'atendido-aggregator' }),
        fires('AtendidoErrosHttp', { service: 'api' }),
      ];
      await meanwhile(ask, Promise.all(alerts));
      const unknown = ((await asJson('lag')).resultado as PartitionLag[]).filter(({ state }) => state !== 'ok');
      const nothing = { state: 'desconhecido', records: null, seconds: null };
      expect(unknown).toEqual([expect.objectContaining({ grupo: 'atendido-aggregator', particao: null, ...nothing })]);
      // What is not known has no number.
      const known = await line.prometheus.query('kafka_consumergroup_lag{consumergroup="atendido-aggregator"}');
      expect(known).toEqual([]);
    } finally {
      await release();
    }
  });

  it('a Kafka that takes long to acknowledge', async () => {
    line.rig.servers.signal('kafka', 'SIGSTOP');
    const sent = send(events(1));
    try {
      const now = async () => (await line.prometheus.query('vector(time())'))[0]?.value ?? 0;
      const before = await now();
      await until(async () => (await now()) - before > 3, 'it to have been slow', PATIENCE_MS);
    } finally {
      line.rig.servers.signal('kafka', 'SIGCONT');
    }
    expect(await sent).toBe(202);
    await fires('AtendidoHttpLento', { route: '/v1/eventos', method: 'POST' });
  });

  it('a Redis that lost what it had', async () => {
    const redis = connectRedis(line.rig.config.redis, 'ops');
    try {
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
    await fires('AtendidoEstadoVoltou', { service: 'aggregator' });
  });

  it('and none was left out', () => {
    expect([...fired].toSorted()).toEqual(
      alertas()
        .map(({ alert }) => alert)
        .toSorted(),
    );
  });

  it('all are quiet again, once the faults are over', async () => {
    const quiet = async () => (await line.prometheus.firing()).length === 0;
    await meanwhile(() => send(events(5)), until(quiet, 'no alert to fire', PATIENCE_MS));
  });
});
