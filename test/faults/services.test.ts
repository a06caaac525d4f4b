import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../integration/until.ts';
import { Rig, SERVICES } from './rig.ts';
import { goesOn, trial } from './trial.ts';

const READERS = ['classifier', 'consolidator', 'aggregator'] as const;
/** Doors hold no partitions: nobody takes over from them. */
const DOORS = SERVICES.filter((name) => !READERS.some((reader) => reader === name));
const FROZEN_MS = 10_000;
const JOINS = 8;
/** Many faults, one over the other: members that went without a word are waited for one after the other. */
const STORM_S = 90;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
// Each case begins with one process of each service.
afterEach(() => rig.stopOthers());
afterAll(() => rig?.stop());

describe('a service', () => {
  it.each(SERVICES.map((name, n) => [name, n] as const))('%s: killed under load', async (name, n) => {
    await trial(rig, { falha: `SIGKILL de ${name}`, seed: 10 + n, vezes: 2 }, async () => {
      rig.signal(name, 'SIGKILL');
    });
  });
});

describe('a process that stands still and comes back', () => {
  it.each(READERS.map((name, n) => [name, n] as const))('%s, after another took over', async (name, n) => {
    await rig.start(name, { instance: 2 });
    await trial(rig, { falha: `SIGSTOP e SIGCONT de ${name} (zumbi)`, seed: 20 + n }, async ({ load }) => {
      rig.signal(name, 'SIGSTOP');
      // Longer than the group's session: the other one has all partitions now.
      await goesOn(rig, load);
      rig.signal(name, 'SIGCONT');
    });
  });

  it.each(DOORS.map((name, n) => [name, n] as const))('%s, with callers waiting', async (name, n) => {
    await trial(rig, { falha: `SIGSTOP e SIGCONT de ${name}`, seed: 25 + n }, async () => {
      rig.signal(name, 'SIGSTOP');
      await wait(FROZEN_MS);
      rig.signal(name, 'SIGCONT');
    });
  });
});

describe('several processes of a service', () => {
  it('2 to 4 share the work, and do the work of one that dies', async () => {
    const instances = [2, 3, 4];
    await trial(rig, { falha: '2 a 4 instâncias, uma morta', seed: 30 }, async ({ random }) => {
      for (const instance of instances) {
        await Promise.all(READERS.map((name) => rig.start(name, { instance })));
      }
      for (const name of [...rig.services.keys()].filter((one) => one.startsWith('classifier'))) {
        await until(async () => (await counted(name)) > 0, `${name} to have work`, 60_000);
      }
      for (const name of READERS) rig.signal(`${name}-${random.inteiro(2, 4)}`, 'SIGKILL');
    });
    expect(rig.services.size).toBe(SERVICES.length + instances.length * READERS.length);
  });

  it('joining and leaving every few seconds', async () => {
    const falha = `tempestade de rebalanceamentos (${JOINS} entradas)`;
    await trial(rig, { falha, seed: 31, limit: STORM_S }, async ({ random }) => {
      for (let n = 0; n < JOINS; n++) {
        const name = random.escolhe(READERS);
        const instance = random.inteiro(2, 3);
        await rig.launch(name, { instance });
        await wait(random.inteiro(500, 4_000));
        // Half of them go without a word.
        if (random.chance(0.5)) rig.signal(`${name}-${instance}`, 'SIGKILL');
        if (random.chance(0.5)) await rig.stopService(`${name}-${instance}`);
      }
    });
  });
});

/** How many records a process has classified. */
async function counted(name: string): Promise<number> {
  const { endereco } = rig.service(name).spec;
  const text = await (await fetch(`${endereco}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('atendido_interacoes_classificadas_total{'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
