import { describe, expect, it } from 'vitest';
import { consultas } from '../../infra/grafana/paineis.ts';
import { cpfOf } from '../faults/interactions.ts';
import { SERVICES } from '../faults/rig.ts';
import { until } from '../integration/until.ts';
import { counts, event, PATIENCE_MS, watchedLine } from './watched-line.ts';

const SHARES = [
  'atendido:http_errors:ratio_rate5m',
  'atendido:quarentena:ratio_rate15m',
  'atendido:recusas:ratio_rate15m',
];

/** What asks for a kind of thing that did not happen yet: no series, no line, and rightly so. None when all has happened. */
const EMPTY_WHEN_WELL: readonly string[] = [
  // Reasons are series of their own, and none was refused.
  'http.json: Recusas por motivo',
];

const line = watchedLine();

/** Events of a kind each: one that counts, one that does not; `data` takes the place of what they say. */
const send = (data: object = {}): Promise<number> => line.send([counts(data), event('login', data)]);

function statement(): Promise<number> {
  const body = {
    actor: { account: { homePage: 'https://sebrae.com.br/cpf', name: cpfOf(1) } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/initialized' },
    object: { id: 'https://lms.exemplo/curso/1' },
    timestamp: new Date().toISOString(),
  };
  return line.post('/xapi/statements', 'application/json', body, { 'x-experience-api-version': '1.0.3' });
}

/** What of the dashboards shows nothing: no series, or none with a number. */
async function empty(): Promise<string[]> {
  const told: string[] = [];
  for (const { onde, expr } of consultas()) {
    const found = await line.prometheus.query(expr);
    if (!found.some(({ value }) => Number.isFinite(value))) told.push(onde);
  }
  return [...new Set(told)];
}

/** Sends, and looks, until the dashboards show all but these. */
async function showsAllBut(expected: readonly string[], traffic: () => Promise<unknown>): Promise<void> {
  let last: readonly string[] = [];
  const all = async (): Promise<boolean> => {
    await traffic();
    last = await empty();
    return last.every((one) => expected.includes(one));
  };
  await until(all, 'the dashboards to show numbers', PATIENCE_MS).catch(() => undefined);
  expect(last).toEqual(expected);
}

describe('the dashboards, asked of a real Prometheus that scrapes the whole line', () => {
  it('show a line that is well, and of what is never wrong zero', async () => {
    await showsAllBut(EMPTY_WHEN_WELL, () => Promise.all([send(), statement()]));
    for (const name of SHARES) {
      const values = (await line.prometheus.query(name)).map(({ value }) => value);
      expect([name, values.length > 0, values.every((value) => value === 0)]).toEqual([name, true, true]);
    }
  });

  it('show all they have where something is refused and set aside', async () => {
    const wrong = () => Promise.all([send(), statement(), send({ unidade: 'XX' }), send({ solucaoId: 'NAO-HA' })]);
    await showsAllBut([], wrong);
    const moving = async (name: string) => (await line.prometheus.query(name)).some(({ value }) => value > 0);
    for (const name of SHARES.slice(1)) await until(() => moving(name), `${name} to be told`, PATIENCE_MS);
  });

  it('offer every service that answers over HTTP, and count each process once', async () => {
    const services = await line.prometheus.query('count by (service) (http_request_duration_seconds_count)');
    expect(services.map(({ labels }) => labels.service).toSorted()).toEqual(SERVICES.toSorted());
    const up = await line.prometheus.query('count by (service) (process_start_time_seconds{job="atendido"})');
    expect(up.map(({ value }) => value)).toEqual(SERVICES.map(() => 1));
  });
});
