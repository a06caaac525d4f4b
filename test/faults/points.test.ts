import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModoDeFalha, PontoDeFalha } from '#platform/falhas.ts';
import { until } from '../integration/until.ts';
import { Rig, type ServiceName } from './rig.ts';
import { goesOn, trial } from './trial.ts';

const PATIENCE_MS = 60_000;

type Point = [service: ServiceName, point: PontoDeFalha];

/** Every two writes of a step that follow one another, and the end of each step. */
const POINTS: Point[] = [
  ['ingest', 'ingest:guardado'],
  ['classifier', 'transacao:enviada'],
  ['classifier', 'transacao:antes-do-fim'],
  ['classifier', 'transacao:depois-do-fim'],
  ['consolidator', 'consolidator:emitida'],
  ['consolidator', 'consolidator:guardada'],
  ['aggregator', 'transacao:antes-do-fim'],
  ['aggregator', 'aggregator:publicada'],
  ['aggregator', 'aggregator:gravada'],
];
/** Those where one that stands still has most to do wrong when it goes on. */
const ZOMBIES: Point[] = [
  ['classifier', 'transacao:enviada'],
  ['classifier', 'transacao:antes-do-fim'],
  ['consolidator', 'consolidator:emitida'],
  ['aggregator', 'aggregator:publicada'],
];

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterEach(() => rig.stopOthers());
afterAll(() => rig?.stop());

/** Starts the service anew, so that it breaks at the point; returns once it has. */
async function breaks(service: ServiceName, point: PontoDeFalha, mode: ModoDeFalha): Promise<void> {
  const file = join(rig.paths.home, `${service}-${point}-${mode}`.replaceAll(':', '-'));
  await rig.launch(service, { env: { ATENDIDO_FALHA: `${point} ${mode} ${file}` } });
  await until(() => existsSync(file), `${service} to pass ${point}`, PATIENCE_MS);
}

describe('between two writes', () => {
  it.each(POINTS.map((point, n) => [...point, n] as const))('%s killed at %s', async (service, point, n) => {
    const falha = `SIGKILL de ${service} em ${point}`;
    await trial(rig, { falha, seed: 80 + n }, () => breaks(service, point, 'SIGKILL'));
  });

  it.each(ZOMBIES.map((point, n) => [...point, n] as const))(
    '%s stopped at %s, another takes over',
    async (...zombie) => {
      const [service, point, n] = zombie;
      await trial(rig, { falha: `zumbi: ${service} parado em ${point}`, seed: 95 + n }, async ({ load }) => {
        await rig.start(service, { instance: 2 });
        await breaks(service, point, 'SIGSTOP');
        await goesOn(rig, load);
        rig.signal(service, 'SIGCONT');
      });
    },
  );

  it('a bug ends the process, which starts again', async () => {
    const falha = 'defeito (TypeError) no meio do passo do aggregator';
    await trial(rig, { falha, seed: 99, crashes: 1 }, async () => {
      await breaks('aggregator', 'aggregator:publicada', 'defeito');
      const { state } = rig.service('aggregator');
      await until(() => state.reinicios > 0, 'its end', PATIENCE_MS);
      expect(state.ultimaSaida).toMatchObject({ codigo: 1, sinal: null });
    });
  });
});
