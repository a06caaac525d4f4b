import { afterAll, beforeAll, describe, it } from 'vitest';
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

  it.each(['kafka', 'redis'] as const)('to %s goes silent: nothing is refused, nothing is answered', async (server) => {
    const those = server === 'kafka' ? SERVICES : (['consolidator', 'aggregator', 'api'] as const);
    await Promise.all(those.map((service) => rig.start(service, { through: [server] })));
    await trial(rig, { falha: `rede muda entre os serviços e ${server}`, seed: 120 }, async () => {
      await rig.servers.proxies[server].set('hanging');
      await Promise.all(those.map((service) => rig.saysThatItWaits(service)));
      await rig.servers.proxies[server].set('open');
    });
    await Promise.all(those.map((service) => rig.start(service)));
  });
});
