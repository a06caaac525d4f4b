import { randomUUID } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { pendenciaDaApuracao } from '#platform/reconstrucao/em-dia.ts';
import { type Conexoes, conectado } from '../../services/cli/conexoes.ts';
import { until } from '../integration/until.ts';
import { atendido } from '../line/command.ts';
import { FROM_BEFORE_ALL, otherRulebook, PROJECT_RULEBOOK } from '../line/other-rulebook.ts';
import { Rig, retried } from './rig.ts';
import { goesOn, trial } from './trial.ts';

const READERS = ['classifier', 'consolidator', 'aggregator'] as const;

let rig: Rig;
/** By turns one and the other, so that each application changes something. */
let rulebooks: [string, string];
beforeAll(async () => {
  rig = await Rig.line();
  rulebooks = [otherRulebook(rig.paths.home, 'noventa'), PROJECT_RULEBOOK];
});
afterAll(() => rig?.stop());

async function inForce(): Promise<number> {
  rig.emVigor = await conectado(async ({ apuracoes }) => apuracoes.emVigor);
  return rig.emVigor;
}

/** Applies the rulebook that is not in force. */
function apply(env: Record<string, string> = {}) {
  rulebooks = [rulebooks[1], rulebooks[0]];
  return atendido(['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebooks[1], '--apply', '--json'], env);
}

const announced = () => conectado(async ({ apuracoes }) => apuracoes.anunciada !== null);

/** Whether the state that is served is that of the apuração in force, and nothing else is left. */
const whole = () => conectado(async (conexoes) => (await pendenciaDaApuracao(conexoes)) === null);

const beingBuilt = async ({ redis }: Conexoes) => (await new Geracoes(redis).situacao()).nova !== null;

const breaking = (where: string, how: string) => ({
  ATENDIDO_FALHA: `${where} ${how} ${join(rig.paths.home, `falha-${randomUUID()}`)}`,
});

describe('a rulebook applied to the past', () => {
  it.each([
    ['reprocesso:derivada', 60],
    ['reprocesso:anunciada', 61],
  ] as const)('killed at %s: everything is as before, and it can be begun anew', async (where, seed) => {
    const before = await inForce();
    await trial(rig, { falha: `reprocess morto em ${where}`, seed }, async () => {
      expect(await apply(breaking(where, 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
    });
    expect(await inForce()).toBe(before);
    expect(await apply().fim).toMatchObject({ codigo: 0 });
  });

  it('killed once it is in force: the aggregator ends it', async () => {
    const before = await inForce();
    await trial(rig, { falha: 'reprocess morto em reprocesso:em-vigor', seed: 62, whole }, async () => {
      expect(await apply(breaking('reprocesso:em-vigor', 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
      expect(await atendido(['audit']).fim).toMatchObject({ erros: expect.stringContaining('INACABADO') });
    });
    expect(await inForce()).toBeGreaterThan(before);
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

  it('over by the time Redis is restored from a file of before', async () => {
    const folder = join(rig.paths.data, 'redis');
    const copy = join(rig.paths.home, 'redis-de-antes');
    await trial(rig, { falha: 'Redis restaurado de antes de um reprocess', seed: 68, whole }, async () => {
      await cp(folder, copy, { recursive: true });
      expect(await apply().fim).toMatchObject({ codigo: 0 });
      rig.servers.kill('redis', async () => {
        await rm(folder, { recursive: true });
        await cp(copy, folder, { recursive: true });
      });
      await until(() => retried(async () => !(await whole())), 'the old file to be served', 60_000);
    });
  });

  it('over by the time Redis is emptied', async () => {
    await trial(rig, { falha: 'Redis esvaziado depois de um reprocess', seed: 69, whole }, async () => {
      expect(await apply().fim).toMatchObject({ codigo: 0 });
      await inForce();
      await conectado(({ redis }) => redis.flushall());
    });
  });

  it('standing still while it is announced: it is given up, and comes too late', async () => {
    const before = await inForce();
    const falha = 'reprocess parado em reprocesso:anunciada (zumbi)';
    await trial(rig, { falha, seed: 63 }, async ({ load }) => {
      const { processo, fim } = apply(breaking('reprocesso:anunciada', 'SIGSTOP'));
      await until(announced, 'the announcement', 60_000);
      await goesOn(rig, load);
      processo.kill('SIGCONT');
      // What it finds out first: that it is given up, or that its lock is another's by now.
      expect(await fim).toMatchObject({ codigo: 1, erros: expect.stringMatching(/_ABANDONADO|_DESLOCADA/) });
    });
    expect(await inForce()).toBe(before);
  });

  it('while each service is killed', async () => {
    const before = await inForce();
    await trial(rig, { falha: 'serviços mortos durante um reprocess', seed: 64 }, async ({ random }) => {
      const { fim } = apply();
      let done = false;
      const end = fim.finally(() => {
        done = true;
      });
      while (!done) {
        const victim = READERS[random.inteiro(0, READERS.length - 1)] ?? 'classifier';
        // One that was killed a moment ago may not run again yet.
        if (rig.service(victim).state.processo !== null) rig.signal(victim, 'SIGKILL');
        await Promise.race([end, wait(random.inteiro(1_000, 3_000))]);
      }
      expect(await end).toMatchObject({ codigo: 0 });
    });
    expect(await inForce()).toBeGreaterThan(before);
  });

  it.each(['kafka', 'redis'] as const)('while %s is killed: it ends, or all is as before', async (server) => {
    await trial(rig, { falha: `${server} morto durante um reprocess`, seed: 65, whole }, async ({ random }) => {
      const { fim } = apply();
      await wait(random.inteiro(500, 4_000));
      await rig.servers.kill(server);
      await fim;
    });
  });
});
