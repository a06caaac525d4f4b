import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goesSilent } from './network-trials.ts';
import { Rig, SERVICES } from './rig.ts';
import { trial } from './trial.ts';

const FROZEN_MS = 60_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

/** More of what `servers.test.ts` and `network.test.ts` do to servers than CI has time for: a minute each. */
describe('a server that answers nothing', () => {
  it('Kafka, frozen for a minute: readiness says so', async () => {
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

  it('Redis, behind a network that goes silent', () => {
    return goesSilent(rig, 'redis', ['consolidator', 'aggregator', 'api'], 121);
  });
});
