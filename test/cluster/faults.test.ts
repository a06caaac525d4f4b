import { afterAll, beforeAll, expect, it } from 'vitest';
import { Rig } from '../faults/rig.ts';
import { type AtHand, type Case, trial } from '../faults/trial.ts';
import { until } from '../integration/until.ts';
import { ClusterServers } from './cluster-servers.ts';
import { Move } from './move.ts';
import { type Answers, keepAsking, knownAnswers } from './reads.ts';

const PATIENCE_MS = 60_000;
const READERS = ['aggregator', 'consolidator', 'api'];

let rig: Rig<ClusterServers>;
beforeAll(async () => {
  rig = await Rig.on((paths, ports) => ClusterServers.start(paths, ports));
  await rig.startAll();
});
afterAll(() => rig?.stop());

/**
 * A case that is over once every master has its replica again. Meanwhile the api is asked what does not change: it answers
 * that, or that it cannot.
 */
async function broken(of: Omit<Case, 'whole'>, fault: (hand: AtHand) => Promise<void>): Promise<Answers> {
  const all: Answers = { right: 0, refused: 0, wrong: [] };
  const { nodes } = rig.servers;
  const falha = `Redis Cluster: ${of.falha}`;
  await trial(rig, { ...of, falha, whole: () => nodes.whole() }, async (hand) => {
    const known = await knownAnswers(rig, hand.load);
    const stop = keepAsking(rig, known);
    try {
      await fault(hand);
      await until(() => nodes.whole(), 'the cluster to be whole again', PATIENCE_MS);
    } finally {
      const answers = await stop();
      all.right += answers.right;
      all.refused += answers.refused;
      all.wrong.push(...answers.wrong);
    }
  });
  process.stdout.write(`${falha}: ${all.right} leituras certas, ${all.refused} recusadas (503)\n`);
  expect(all.wrong).toEqual([]);
  return all;
}

const slotOf = async (partition: number) =>
  Number(await rig.servers.nodes.all[0]?.client.cluster('KEYSLOT', `at:{${partition}}:pos`));

it('a master and its replica changed for each other, as an operator does', async () => {
  const { nodes } = rig.servers;
  const { right } = await broken({ falha: 'CLUSTER FAILOVER', seed: 861, vezes: 2 }, async () => {
    await nodes.failOver(await nodes.ownerOf(await slotOf(0)));
  });
  expect(right).toBeGreaterThan(0);
});

it('a master killed: its replica takes over, and it comes back as a replica', async () => {
  const { nodes } = rig.servers;
  await broken({ falha: 'um mestre morto', seed: 862, vezes: 2 }, async () => {
    const master = await nodes.ownerOf(await slotOf(0));
    await nodes.kill(master);
    await nodes.took(nodes.partnerOf(master));
    nodes.again(master);
  });
});

it('two masters killed at once: nobody may take over, the line waits, and goes on once they are back', async () => {
  const { nodes } = rig.servers;
  const { refused } = await broken({ falha: 'dois mestres mortos de uma vez', seed: 863 }, async () => {
    const killed = (await nodes.masters()).slice(0, 2);
    await Promise.all(killed.map((master) => nodes.kill(master)));
    await Promise.all(READERS.map((service) => rig.saysThatItWaits(service)));
    for (const master of killed) nodes.again(master);
  });
  expect(refused).toBeGreaterThan(0);
});

it('all six killed and started again', async () => {
  const { nodes } = rig.servers;
  await broken({ falha: 'todos os seis mortos e reiniciados', seed: 864 }, async () => {
    await Promise.all(nodes.all.map((node) => nodes.kill(node)));
    await Promise.all(READERS.map((service) => rig.saysThatItWaits(service)));
    for (const node of nodes.all) nodes.again(node);
  });
});

it('a slot moved while it is written', async () => {
  const { nodes } = rig.servers;
  await broken({ falha: 'um slot movido', seed: 865 }, async () => {
    const move = await Move.begin(nodes, await slotOf(1));
    const keys = await move.keys();
    await move.move(keys.filter((_, n) => n % 2 === 0));
    await move.end(nodes);
  });
});
