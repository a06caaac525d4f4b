import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../integration/until.ts';
import { Rig, SERVICES } from './rig.ts';
import { trial } from './trial.ts';

const run = promisify(execFile);
const PATIENCE_MS = 90_000;
const FROZEN_MS = 60_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

describe('Kafka', () => {
  it('killed and started again', async () => {
    await trial(rig, { falha: 'Kafka morto e reiniciado', seed: 50, vezes: 2 }, async () => rig.servers.kill('kafka'));
  });

  it('frozen for a minute: readiness says so', async () => {
    await trial(rig, { falha: 'Kafka parado por 60 s (SIGSTOP)', seed: 51 }, async () => {
      const end = Date.now() + FROZEN_MS;
      rig.servers.signal('kafka', 'SIGSTOP');
      try {
        await Promise.all(SERVICES.map((service) => rig.saysThatItWaits(service)));
        expect(Date.now()).toBeLessThan(end);
        await wait(end - Date.now());
      } finally {
        rig.servers.signal('kafka', 'SIGCONT');
      }
    });
  });

  it('away for a while', async () => {
    await trial(rig, { falha: 'Kafka fora do ar por um tempo', seed: 52 }, async () => {
      const release = rig.servers.holdDown('kafka');
      await Promise.all(SERVICES.map((service) => rig.saysThatItWaits(service)));
      await release();
    });
  });

  // A file that may grow no more is to a broker what a full disk is: the write fails, and its log folder with it.
  it.skipIf(process.platform !== 'linux')('on a full disk', async () => {
    await trial(rig, { falha: 'Kafka sem disco (escrita recusada)', seed: 53 }, async () => {
      const full = rig.servers.pid('kafka');
      await run('prlimit', [`--pid=${full}`, '--fsize=4096:unlimited']);
      await until(
        () => !rig.servers.isUp('kafka') || rig.servers.pid('kafka') !== full,
        'the broker to give up',
        PATIENCE_MS,
      );
    });
  });
});
