import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../integration/until.ts';
import { atendido } from '../line/command.ts';
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
import { goesOn, trial } from './trial.ts';

const READERS = ['classifier', 'consolidator', 'aggregator'] as const;

describe('a rulebook applied to the past', () => {
  onALine();

  // Once it is announced: `reprocess.long.ts`.
  it('killed at reprocesso:derivada: everything is as before, and it can be begun anew', () => {
    return killedBeforeItIsInForce('reprocesso:derivada', 60);
  });

  it('killed once it is in force: the aggregator ends it', async () => {
    const before = await inForce();
    await trial(rig, { falha: 'reprocess morto em reprocesso:em-vigor', seed: 62, whole }, async () => {
      expect(await apply(breaking('reprocesso:em-vigor', 'SIGKILL')).fim).toMatchObject({ sinal: 'SIGKILL' });
      expect(await atendido(['audit']).fim).toMatchObject({ erros: expect.stringContaining('INACABADO') });
    });
    expect(await inForce()).toBeGreaterThan(before);
  });

  it('over by the time Redis is restored from a file of before', async () => {
    const folder = join(rig.paths.data, 'redis');
    const copy = join(rig.paths.home, 'redis-de-antes');
    await trial(rig, { falha: 'Redis restaurado de antes de um reprocess', seed: 68, whole }, async () => {
      await cp(folder, copy, { recursive: true });
      expect(await apply().fim).toMatchObject({ codigo: 0 });
      const old = Promise.withResolvers<void>();
      rig.servers.kill('redis', async () => {
        await rm(folder, { recursive: true });
        await cp(copy, folder, { recursive: true });
        old.resolve();
      });
      // From here on nobody is served what was there before; how soon it is mended is not asked here.
      await old.promise;
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
});
