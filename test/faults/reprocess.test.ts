import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conectado } from '../../services/cli/conexoes.ts';
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

const inForce = () => conectado(async ({ apuracoes }) => apuracoes.emVigor);

/** Applies the rulebook that is not in force. */
function apply(env: Record<string, string> = {}) {
  rulebooks = [rulebooks[1], rulebooks[0]];
  return atendido(['reprocess', '--from', FROM_BEFORE_ALL, '--rulebook', rulebooks[1], '--apply', '--json'], env);
}

const breaking = (where: string, how: string) => ({
  ATENDIDO_FALHA: `${where} ${how} ${rig.paths.home}/falha-${where.replace(':', '-')}-${how}`,
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

  it('killed once it is in force: `atendido rebuild` ends it', async () => {
    const before = await inForce();
    await trial(rig, { falha: 'reprocess morto em reprocesso:em-vigor', seed: 62 }, async () => {
      expect(await apply(breaking('reprocesso:em-vigor', 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
      expect(await atendido(['audit']).fim).toMatchObject({ erros: expect.stringContaining('INACABADO') });
      expect(await atendido(['rebuild']).fim).toMatchObject({ codigo: 0 });
    });
    expect(await inForce()).toBeGreaterThan(before);
  });

  it('standing still while it is announced: it is given up, and comes too late', async () => {
    const before = await inForce();
    const falha = 'reprocess parado em reprocesso:anunciada (zumbi)';
    await trial(rig, { falha, seed: 63 }, async ({ load }) => {
      const { processo, fim } = apply(breaking('reprocesso:anunciada', 'SIGSTOP'));
      const announced = () => conectado(async ({ apuracoes }) => apuracoes.anunciada !== null);
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
        rig.signal(READERS[random.inteiro(0, READERS.length - 1)] ?? 'classifier', 'SIGKILL');
        await Promise.race([end, new Promise((resolve) => setTimeout(resolve, random.inteiro(1_000, 3_000)))]);
      }
      expect(await end).toMatchObject({ codigo: 0 });
    });
    expect(await inForce()).toBeGreaterThan(before);
  });

  it.each(['kafka', 'redis'] as const)('while %s is killed: it ends, or all is as before', async (server) => {
    const before = await inForce();
    await trial(rig, { falha: `${server} morto durante um reprocess`, seed: 65 }, async ({ random }) => {
      const { fim } = apply();
      await new Promise((resolve) => setTimeout(resolve, random.inteiro(500, 4_000)));
      await rig.servers.kill(server);
      const { codigo } = await fim;
      if (codigo !== 0 && (await retried(inForce)) > before) {
        expect(await atendido(['rebuild']).fim).toMatchObject({ codigo: 0 });
      }
    });
  });
});
