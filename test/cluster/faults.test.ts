import { afterAll, beforeAll, expect, it } from 'vitest';
import { chama, consulta } from '../../services/cli/api.ts';
import { Load, PROBE, probeOf } from '../faults/load.ts';
import { Rig } from '../faults/rig.ts';
import { type AtHand, type Case, settle, trial } from '../faults/trial.ts';
import { until } from '../integration/until.ts';
import { asJson, atendido } from '../line/command.ts';
import { FROM_BEFORE_ALL, otherRulebook } from '../line/other-rulebook.ts';
import { ClusterServers } from './cluster-servers.ts';
import { Move } from './move.ts';
import { type Answers, type Known, keepAsking, knownAnswers } from './reads.ts';

const PATIENCE_MS = 60_000;
const READERS = ['aggregator', 'consolidator', 'api'];

let rig: Rig<ClusterServers>;
/** Asked for once: it does not change. */
let known: readonly Known[] | null = null;
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
    known ??= await knownAnswers(rig, hand.load);
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

it('every command, as the operator, and what the api asks for and the aggregator ends', async () => {
  process.env.ATENDIDO_API_URL = rig.url('api');
  const [maria, joana] = ['52998224725', '11144477735'];
  const load = await Load.start(rig, { seed: 866 });
  try {
    await until(() => load.accepted.size > 1_000, 'some load', PATIENCE_MS);
    load.end();
    await Promise.all([maria, joana].map((cpf) => load.send(probeOf(cpf))));
    expect((await asJson('quarantine', 'list', '--source', PROBE)).codigo).toBe(0);
    expect(await asJson('rebuild', '--por', 'ana')).toMatchObject({ codigo: 0, resultado: { diferencas: [] } });
    expect((await atendido(['rebuild', 'discard-old']).fim).codigo).toBe(0);
    const rulebook = otherRulebook(rig.paths.home, 'outro');
    const decided = ['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebook, '--apply', '--por', 'ana'];
    expect(await asJson(...decided)).toMatchObject({ codigo: 0 });
    rig.emVigor = 1;
    const kept = await asJson('export', maria);
    expect([kept.codigo, JSON.stringify(kept.resultado)]).toEqual([0, expect.stringContaining(PROBE)]);
    expect(await asJson('forget', maria, '--por', 'ana')).toMatchObject({ codigo: 0, resultado: { esquecimento: 1 } });
    await chama({ metodo: 'POST', caminho: '/v1/esquecimentos', corpo: { cpf: joana } });
    const ended = async () => (await consulta<{ estado: string }>('/v1/esquecimentos/2')).estado === 'encerrado';
    await until(ended, 'the aggregator to end it', PATIENCE_MS);
    expect((await atendido(['lag']).fim).erros).toBe('');
    expect((await asJson('audit')).codigo).toBe(0);
    // Of one whose user is the panel's: it reads, and what would be written is refused by name.
    const asApi = await atendido(['rebuild', '--por', 'ana'], rig.servers.envOf('api')).fim;
    expect([asApi.codigo, asApi.erros]).toEqual([1, expect.stringContaining('REDIS_NAO_AUTORIZADO')]);
    const nobody = await atendido(['audit'], { ...rig.servers.envOf('api'), REDIS_PASSWORD: 'outra' }).fim;
    expect([nobody.codigo, nobody.erros]).toEqual([1, expect.stringContaining('REDIS_RECUSOU_USUARIO')]);
  } finally {
    await load.stop();
  }
  const { accepted } = load;
  await settle(rig, { falha: 'Redis Cluster: nenhuma falha, os comandos', vezes: 0, seconds: null, accepted });
  expect(rig.crashes()).toEqual([]);
});
