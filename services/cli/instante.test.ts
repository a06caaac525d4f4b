import { describe, expect, it } from 'vitest';
import { instanteDe } from './instante.ts';

describe('an instant on the command line', () => {
  it.each([
    ['2026-03-02', '2026-03-02T03:00:00.000Z'],
    ['2026-03-02T10:15:00-03:00', '2026-03-02T13:15:00.000Z'],
    ['2026-03-02T10:15:00.250Z', '2026-03-02T10:15:00.250Z'],
  ])('%s is %s', (texto, instante) => {
    expect(new Date(instanteDe(texto)).toISOString()).toBe(instante);
  });

  it.each([
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    '2026-03-02T10:15:00',
    '2026-03-02T25:00:00Z',
    '2026-3-2',
    'ontem',
    '',
  ])('%s is none', (texto) => {
    expect(() => instanteDe(texto)).toThrow(/use um dia/);
  });
});
