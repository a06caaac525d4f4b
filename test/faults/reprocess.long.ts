import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import {
  announced,
  apply,
  breaking,
  inForce,
  killedBeforeItIsInForce,
  onALine,
  rig,
  whole,
} from './reprocess-trials.ts';
import { retried } from './rig.ts';
import { trial } from './trial.ts';

const beingBuilt = async ({ redis }: Conexoes) => (await new Geracoes(redis).situacao()).nova !== null;

/** More of what `reprocess.test.ts` breaks than CI has time for. */
describe('a rulebook applied to the past, further', () => {
  onALine();

  it('killed at reprocesso:anunciada: everything is as before, and it can be begun anew', () => {
    return killedBeforeItIsInForce('reprocesso:anunciada', 61);
  });

  it('killed once it is in force, and the aggregator while it ends that', async () => {
    const falha = 'reprocess morto em reprocesso:em-vigor, e o aggregator que o termina';
    await trial(rig, { falha, seed: 66, whole }, async () => {
      expect(await apply(breaking('reprocesso:em-vigor', 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
      await until(() => retried(() => conectado(beingBuilt)), 'the state to be built', 60_000);
      rig.signal('aggregator', 'SIGKILL');
    });
  });

  it('standing still for some seconds while it is announced: announced again, it ends', async () => {
    const before = await inForce();
    const falha = 'reprocess parado 7 s em reprocesso:anunciada';
    await trial(rig, { falha, seed: 67, whole }, async () => {
      const { processo, fim } = apply(breaking('reprocesso:anunciada', 'SIGSTOP'));
      await until(announced, 'the announcement', 60_000);
      await wait(7_000);
      processo.kill('SIGCONT');
      expect(await fim).toMatchObject({ codigo: 0 });
    });
    expect(await inForce()).toBeGreaterThan(before);
  });

  it('over by the time Redis is emptied', async () => {
    await trial(rig, { falha: 'Redis esvaziado depois de um reprocess', seed: 69, whole }, async () => {
      expect(await apply().fim).toMatchObject({ codigo: 0 });
      await inForce();
      await conectado(({ redis }) => redis.flushall());
    });
  });

  it.each([
    ['kafka', 65],
    ['redis', 70],
  ] as const)('while %s is killed: it ends, or all is as before', async (server, seed) => {
    await trial(rig, { falha: `${server} morto durante um reprocess`, seed, whole }, async ({ random }) => {
      const { fim } = apply();
      await wait(random.inteiro(500, 4_000));
      await rig.servers.kill(server);
      await fim;
    });
  });
});
