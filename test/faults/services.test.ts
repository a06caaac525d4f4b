import { afterAll, beforeAll, describe, it } from 'vitest';
import { Rig, SERVICES } from './rig.ts';
import { trial } from './trial.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

describe('a service', () => {
  it.each(SERVICES.map((name, n) => [name, n] as const))('%s: killed under load', async (name, n) => {
    await trial(rig, { falha: `SIGKILL de ${name}`, seed: 10 + n, vezes: 2 }, async () => {
      rig.signal(name, 'SIGKILL');
    });
  });
});
