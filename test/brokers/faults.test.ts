import { it } from 'vitest';
import { trial } from '../faults/trial.ts';
import { lineOnThreeBrokers } from './line.ts';

const rig = lineOnThreeBrokers();

it('the broker that leads is killed', async () => {
  const { servers } = rig();
  const whole = async () => (await servers.cluster.outOfSync()).length === 0;
  await trial(rig(), { falha: 'três servidores: o líder morto', seed: 811, whole }, async () => {
    servers.kill(await servers.cluster.leaderOf({ topic: 'interacoes', partition: 0 }));
  });
});
