import type { Rig, ServiceName } from './rig.ts';
import type { ServerName } from './servers.ts';
import { trial } from './trial.ts';

/** The network between a server and `those` who stand on it takes everything and passes nothing, until all say that they wait. */
export async function goesSilent(
  rig: Rig,
  server: ServerName,
  those: readonly ServiceName[],
  seed: number,
): Promise<void> {
  await Promise.all(those.map((service) => rig.start(service, { through: [server] })));
  await trial(rig, { falha: `rede muda entre os serviços e ${server}`, seed }, async () => {
    await rig.servers.proxies[server].set('hanging');
    await Promise.all(those.map((service) => rig.saysThatItWaits(service)));
    await rig.servers.proxies[server].set('open');
  });
  await Promise.all(those.map((service) => rig.start(service)));
}
