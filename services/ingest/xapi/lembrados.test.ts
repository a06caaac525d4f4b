import { expect, it } from 'vitest';
import { Lembrados } from './lembrados.ts';

it('an id is of one source, and the oldest is forgotten', () => {
  const lembrados = new Lembrados(2);
  lembrados.guarda('lms', 'a', '1');
  expect(lembrados.conflita('lms', 'a', '1')).toBe(false);
  expect(lembrados.conflita('lms', 'a', '2')).toBe(true);
  expect(lembrados.conflita('outro', 'a', '2')).toBe(false);
  lembrados.guarda('lms', 'b', '1');
  lembrados.guarda('lms', 'c', '1');
  expect(['a', 'b', 'c'].map((id) => lembrados.conflita('lms', id, '2'))).toEqual([false, true, true]);
});
