import { describe } from 'vitest';
import { onALine, type Point, zombies } from './points-trials.ts';

const ZOMBIES: Point[] = [
  ['aggregator', 'aggregator:publicada'],
  ['classifier', 'transacao:antes-do-fim'],
  ['consolidator', 'consolidator:emitida'],
];

/** More of what `points.test.ts` stops than CI has time for. */
describe('between two writes, further', () => {
  onALine();
  zombies(ZOMBIES, 96);
});
