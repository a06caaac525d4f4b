import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { asJson } from '../line/command.ts';
import { statusDivergentes } from '../line/status.ts';
import { clients, Eventful, KEYS, type Waiting, waiting } from './eventful.ts';
import { Load } from './load.ts';
import { Rig } from './rig.ts';
import { Servers } from './servers.ts';
import { verdictOf } from './trial.ts';

const SOME_LOAD = 2_000;
const PATIENCE_MS = 180_000;
const MORE_PARTITIONS = 10;
const RIGHT = { balance: { lost: [], duplicated: [] }, differences: [] };

const rigs: Rig[] = [];
beforeAll(() => {
  Object.assign(process.env, KEYS);
});
afterAll(async () => {
  for (const name of [...Object.keys(KEYS), 'ATENDIDO_PARTICOES']) delete process.env[name];
  await Promise.all(rigs.map((rig) => rig.stop()));
});

/** What people are told of a line, the last one that was brought up: a difference in any of it is a wrong number. */
async function told(rig: Rig): Promise<unknown> {
  process.env.ATENDIDO_API_URL = rig.url('api');
  const { codigo, resultado } = await asJson('report', '--periodo', '2026');
  expect(codigo).toBe(0);
  return { report: resultado, clients: await clients(), waiting: (await waiting()).map(nameOf).sort() };
}

const nameOf = ({ evento, motivo }: Waiting): string => `${evento} ${motivo}`;

async function loaded(rig: Rig, seed: number, accepted: Set<string>): Promise<void> {
  const load = await Load.start(rig, { seed, rate: 400 });
  await until(() => load.accepted.size > SOME_LOAD, 'some load', PATIENCE_MS);
  await load.stop();
  for (const one of load.accepted) accepted.add(one);
}

/** A line to which everything happened that names places of its log, with traffic before and after each. */
async function eventful(accepted: Set<string>) {
  const rig = await Rig.line();
  rigs.push(rig);
  const events = new Eventful(rig);
  await loaded(rig, 70, accepted);
  await events.putRight();
  await events.decideAnew();
  await loaded(rig, 71, accepted);
  await events.forget();
  await events.changeKey();
  await loaded(rig, 72, accepted);
  return { rig, events };
}

/** Another line, without its services. */
async function another(first: Rig): Promise<Rig> {
  process.env.ATENDIDO_PARTICOES = String(MORE_PARTITIONS);
  const second = await Rig.on(async (paths, ports) => {
    const servers = await Servers.start(paths, ports);
    // What is copied names schemas by their numbers there.
    servers.direct.SCHEMA_REGISTRY_URL = first.servers.direct.SCHEMA_REGISTRY_URL;
    return servers;
  });
  rigs.push(second);
  second.emVigor = first.emVigor;
  return second;
}

function copy(first: Rig, second: Rig) {
  return promisify(execFile)(process.execPath, [join(PROJECT_ROOT, 'infra/kafka/copy-job.ts')], {
    env: {
      ...process.env,
      KAFKA_BROKERS: first.servers.direct.KAFKA_BROKERS,
      DESTINO_KAFKA_BROKERS: second.servers.direct.KAFKA_BROKERS,
    },
  });
}

it('a line of a year, copied to one with more partitions, says the same and goes on', async () => {
  const accepted = new Set<string>();
  const { rig: first, events } = await eventful(accepted);
  expect(await verdictOf(first, accepted)).toMatchObject(RIGHT);
  const before = await told(first);
  await Promise.all([...first.services.keys()].map((name) => first.stopService(name)));

  const second = await another(first);
  expect((await copy(first, second)).stdout).toMatch(/^interacoes: \d{4,} registros$/m);
  await expect(copy(first, second)).rejects.toMatchObject({ stderr: expect.stringContaining('COPIA_IMPOSSIVEL') });
  await second.startAll();
  expect(await second.kafka.admin().then((admin) => admin.partitionCount('lancamentos'))).toBe(MORE_PARTITIONS);
  expect(await verdictOf(second, accepted)).toMatchObject(RIGHT);
  expect(await told(second)).toEqual(before);
  expect(await conectado(statusDivergentes)).toEqual([]);
  expect(await events.named()).toEqual([]);

  await events.sendAgain(second);
  await loaded(second, 73, accepted);
  expect(await verdictOf(second, accepted)).toMatchObject(RIGHT);
  expect(await events.named()).toEqual([]);
});
