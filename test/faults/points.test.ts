import { describe, expect, it } from 'vitest';
import { until } from '../integration/until.ts';
import { breaks, onALine, PATIENCE_MS, type Point, rig, zombies } from './points-trials.ts';
import { trial } from './trial.ts';

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
/** Where one that stands still has most to do wrong when it goes on; three more in `points.long.ts`. */
const ZOMBIES: Point[] = [['classifier', 'transacao:enviada']];

describe('between two writes', () => {
  onALine();

  it.each(POINTS.map((point, n) => [...point, n] as const))('%s killed at %s', async (service, point, n) => {
    const falha = `SIGKILL de ${service} em ${point}`;
    await trial(rig, { falha, seed: 80 + n }, () => breaks(service, point, 'SIGKILL'));
  });

  zombies(ZOMBIES, 95);

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
