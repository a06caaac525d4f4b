import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';
import { until } from '../integration/until.ts';
import { asJson } from '../line/command.ts';
import { Load } from './load.ts';
import { Rig } from './rig.ts';
import { Servers } from './servers.ts';
import { verdictOf } from './trial.ts';

const SOME_LOAD = 6_000;
const PATIENCE_MS = 180_000;
const MORE_PARTITIONS = 10;

const rigs: Rig[] = [];
afterAll(() => Promise.all(rigs.map((rig) => rig.stop())));

/** What people are told of a line, the last one that was brought up: a difference in any of it is a wrong number. */
async function told(rig: Rig): Promise<unknown> {
  process.env.ATENDIDO_API_URL = rig.url('api');
  const { codigo, resultado } = await asJson('report', '--periodo', '2026');
  expect(codigo).toBe(0);
  return resultado;
}

it('a line with more partitions, from what the first one was told, says the same', async () => {
  const first = await Rig.line();
  rigs.push(first);
  const load = await Load.start(first, { seed: 70, rate: 400 });
  await until(() => load.accepted.size > SOME_LOAD, 'some load', PATIENCE_MS);
  await load.stop();
  expect(await verdictOf(first, load.accepted)).toMatchObject({
    balance: { lost: [], duplicated: [] },
    differences: [],
  });
  const before = await told(first);
  await Promise.all([...first.services.keys()].map((name) => first.stopService(name)));

  process.env.ATENDIDO_PARTICOES = String(MORE_PARTITIONS);
  const second = await Rig.on(async (paths, ports) => {
    const servers = await Servers.start(paths, ports);
    // What is copied names schemas by their numbers there.
    servers.direct.SCHEMA_REGISTRY_URL = first.servers.direct.SCHEMA_REGISTRY_URL;
    return servers;
  });
  rigs.push(second);
  const copy = promisify(execFile)(process.execPath, [join(PROJECT_ROOT, 'infra/kafka/copy-job.ts')], {
    env: {
      ...process.env,
      KAFKA_BROKERS: first.servers.direct.KAFKA_BROKERS,
      DESTINO_KAFKA_BROKERS: second.servers.direct.KAFKA_BROKERS,
    },
  });
  expect((await copy).stdout).toMatch(/^interacoes: \d{4,} registros$/m);
  await second.startAll();
  expect(await second.kafka.admin().then((admin) => admin.partitionCount('lancamentos'))).toBe(MORE_PARTITIONS);
  const { differences } = await verdictOf(second, load.accepted);
  expect(differences).toEqual([]);
  expect(await told(second)).toEqual(before);
});
