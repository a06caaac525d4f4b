import { afterAll, beforeAll, describe, it } from 'vitest';
import { goesSilent } from './network-trials.ts';
import { Rig, SERVICES, type ServiceName } from './rig.ts';
import type { ServerName } from './servers.ts';
import { trial } from './trial.ts';

/** Who stands on which server all the time: the registry is asked for a schema only when it is new. */
const LINKS: [ServiceName, ServerName][] = [
  ['ingest', 'kafka'],
  ['classifier', 'kafka'],
  ['consolidator', 'kafka'],
  ['consolidator', 'redis'],
  ['aggregator', 'kafka'],
  ['aggregator', 'redis'],
  ['api', 'redis'],
];

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

describe('the network', () => {
  it.each(LINKS.map((link, n) => [...link, n] as const))('between %s and %s is cut', async (service, server, n) => {
    await rig.start(service, { through: [server] });
    await trial(rig, { falha: `rede cortada entre ${service} e ${server}`, seed: 110 + n }, async () => {
      const proxy = rig.servers.proxies[server];
      // Connections broken off one moment, and taken again the next.
      proxy.cut();
      await proxy.set('refusing');
      await rig.saysThatItWaits(service);
      await proxy.set('open');
    });
    await rig.start(service);
  });

  // Redis, over which it takes a minute: `servers.long.ts`.
  it('to kafka goes silent: nothing is refused, nothing is answered', () => goesSilent(rig, 'kafka', SERVICES, 120));
});
