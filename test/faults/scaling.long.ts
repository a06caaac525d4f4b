import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../integration/until.ts';
import { Balancer } from './balancer.ts';
import { keyOf, keysFor, type Load, PROBE, probeOf } from './load.ts';
import { Rig, type ServiceName } from './rig.ts';
import { trial } from './trial.ts';

const DOORS = ['ingest', 'api'] as const;
const PATIENCE_MS = 60_000;
const READ_EVERY_MS = 25;

/** What a process counts of the work it does itself. */
const WORK = {
  classifier: 'atendido_interacoes_classificadas_total',
  consolidator: 'atendido_participacoes_consolidadas_total',
  aggregator: 'atendido_aggregator_lotes_total',
} as const;
const READERS = ['classifier', 'consolidator', 'aggregator'] as const;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

const nameOf = (service: ServiceName, n: number) => (n === 1 ? service : `${service}-${n}`);

/** SIGTERM; it ends by itself, in time, having stopped each of its parts. */
async function stopsInOrder(name: string): Promise<void> {
  await rig.stopService(name);
  const said = readFileSync(rig.paths.logOf(name), 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  expect(said, `${name} at its end`).toMatch(/"parado"/);
  expect(said, `${name} at its end`).not.toMatch(/não parou|abandonad|encerrado sem aviso/);
}

/** The sum of what a process counts under this name. */
async function counted(name: string, metric: string): Promise<number> {
  const text = await (await fetch(`${rig.service(name).spec.endereco}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe.each(READERS.map((name, n) => [name, n] as const))('%s', (name, n) => {
  // The first process is among those that leave.
  afterEach(async () => {
    await rig.stopOthers();
    await rig.start(name);
  });

  it('from one process to four and back to one, each of them with work', async () => {
    const falha = `${name} de 1 a 4 e a 1, em ordem`;
    await trial(rig, { falha, seed: 40 + n }, async () => {
      for (const instance of [2, 3, 4]) await rig.start(name, { instance });
      for (const instance of [1, 2, 3, 4]) {
        const one = nameOf(name, instance);
        const before = await counted(one, WORK[name]);
        await until(async () => (await counted(one, WORK[name])) > before, `${one} to have work`, PATIENCE_MS);
      }
      for (const instance of [1, 2, 3]) await stopsInOrder(nameOf(name, instance));
    });
  });
});

/** Reads one client over and over; what was ever answered but the one right answer. */
async function reading(url: string, key: string, load: Load) {
  const [client] = await load.probe();
  const ask = async () => {
    const answer = await fetch(`${url}/v1/clientes/${client}`, { headers: { authorization: `Bearer ${key}` } });
    if (answer.status !== 200) return `${answer.status} ${await answer.text()}`;
    const { anos } = (await answer.json()) as { anos: Record<string, { atendido: boolean; atendimentos: number }> };
    return JSON.stringify(Object.values(anos).map(({ atendido, atendimentos }) => [atendido, atendimentos]));
  };
  const right = '[[true,1]]';
  await until(async () => (await ask()) === right, 'the client to be counted', PATIENCE_MS);
  const wrong: string[] = [];
  let times = 0;
  let on = true;
  const run = async () => {
    for (; on; times++) {
      const answer = await ask().catch(String);
      if (answer !== right) wrong.push(answer);
      await wait(READ_EVERY_MS);
    }
  };
  const running = run();
  return async () => {
    on = false;
    await running;
    return { times, wrong };
  };
}

/** Begins to send an event to one process, and ends when told. @returns the status it answers with */
async function beginsToSend(address: string, key: string) {
  const event = { ...probeOf('529.982.247-25'), id: randomUUID() };
  const body = Buffer.from(JSON.stringify(event));
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/cloudevents+json',
    'content-length': body.length,
    // The process says that it has the request: what it has not read yet when it stops, it refuses.
    expect: '100-continue',
  };
  const asked = request(`${address}/v1/eventos`, { method: 'POST', headers });
  const answered = once(asked, 'response').then(([answer]) => {
    answer.resume();
    return answer.statusCode as number;
  });
  // A failure is told by whoever waits for the answer.
  answered.catch(() => undefined);
  asked.flushHeaders();
  await once(asked, 'continue');
  asked.write(body.subarray(0, 20));
  return {
    name: `${event.source} ${event.id}`,
    ends: () => {
      asked.end(body.subarray(20));
      return answered;
    },
  };
}

/** Whether somebody listens there. */
async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  // What is refused rejects it.
  return once(socket, 'connect')
    .then(() => true)
    .catch(() => false)
    .finally(() => socket.destroy());
}

/** Taken off the list, then told to stop, with a request half sent to it. */
async function leaves(name: string, balancer: Balancer, load: Load): Promise<void> {
  const address = rig.service(name).spec.endereco ?? '';
  const asked = await beginsToSend(address, (await keysFor(rig)).get(PROBE) ?? '');
  balancer.remove(address);
  const stopped = stopsInOrder(name);
  await until(async () => !(await listens(address)), `${name} to take no more calls`, PATIENCE_MS);
  expect(await asked.ends(), `${name} to what was under way`).toBe(202);
  load.accepted.add(asked.name);
  await stopped;
}

describe('the doors behind a balancer', () => {
  const balancers = new Map<ServiceName, Balancer>();
  const of = (name: ServiceName): Balancer => balancers.get(name) as Balancer;
  beforeAll(async () => {
    for (const name of DOORS) balancers.set(name, await Balancer.before(rig.url(name)));
    for (const name of DOORS) rig.fronts.set(name, of(name).url);
    await rig.start('api', { env: { INGEST_URL: of('ingest').url } });
  });
  afterAll(async () => {
    rig.fronts.clear();
    await Promise.all([...balancers.values()].map((one) => one.close()));
  });

  it('from one of each to three and back to one: every call is answered, and right', async () => {
    const key = await keyOf(rig, 'leitura', { papeis: ['consulta'] });
    await trial(rig, { falha: 'ingest e api de 1 a 3 e a 1, em ordem', seed: 45 }, async ({ load }) => {
      const done = await reading(rig.url('api'), key, load);
      for (const instance of [2, 3]) {
        for (const name of DOORS) {
          await rig.start(name, { instance, env: { INGEST_URL: of('ingest').url } });
          const address = rig.service(nameOf(name, instance)).spec.endereco ?? '';
          of(name).add(address);
          await until(() => (of(name).answered.get(address) ?? 0) > 20, `${name}-${instance} to answer`, PATIENCE_MS);
        }
      }
      for (const instance of [1, 2]) {
        for (const name of DOORS) await leaves(nameOf(name, instance), of(name), load);
      }
      const { times, wrong } = await done();
      expect(wrong).toEqual([]);
      expect(times).toBeGreaterThan(100);
    });
    expect(DOORS.map((name) => of(name).unanswered)).toEqual([[], []]);
  });
});
