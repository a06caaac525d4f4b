import { expect, test } from 'vitest';
import { latenciaDe } from './sondas.ts';

test('percentiles are times that were measured; what never came is told apart', () => {
  const tempos = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(latenciaDe([...tempos, null, null])).toEqual({ amostras: 100, perdidas: 2, p50: 50, p99: 99, maxima: 100 });
  expect(latenciaDe([7])).toEqual({ amostras: 1, perdidas: 0, p50: 7, p99: 7, maxima: 7 });
  expect(latenciaDe([null])).toBeNull();
});
