import { describe, expect, it } from 'vitest';
import { duracaoDe } from './duracao.ts';

describe('duracaoDe', () => {
  it.each([
    ['0', 0],
    ['30s', 30],
    ['10min', 600],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('%s', (texto, segundos) => expect(duracaoDe(texto)).toBe(segundos));

  it.each(['', '24', '0h', '-1h', '1,5h', '24 h', '1m', '1w'])('refuses %j', (texto) => {
    expect(() => duracaoDe(texto)).toThrow(/duração/);
  });
});
