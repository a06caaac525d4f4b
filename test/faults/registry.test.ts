import { afterAll, beforeAll, describe, it } from 'vitest';
import { until } from '../integration/until.ts';
import { Rig, SERVICES } from './rig.ts';
import { trial } from './trial.ts';

const PATIENCE_MS = 60_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

describe('the registry', () => {
  it('killed and started again', async () => {
    await trial(rig, { falha: 'registro morto e reiniciado', seed: 60 }, async () => rig.servers.kill('registro'));
  });

  it('away: who knows the schemas goes on, who starts waits for it and says so', async () => {
    await trial(rig, { falha: 'registro fora, no meio e na partida', seed: 61 }, async ({ load }) => {
      const release = rig.servers.holdDown('registro');
      const before = load.accepted.size;
      await until(() => load.accepted.size > before + 300, 'the doors to go on', PATIENCE_MS);
      for (const name of SERVICES) rig.signal(name, 'SIGKILL');
      const waits = async (name: string) => /registro/.test((await rig.whyNot(name)) ?? '');
      for (const name of SERVICES) await until(() => waits(name), `${name} to wait for the registry`, PATIENCE_MS);
      await release();
    });
  });
});
