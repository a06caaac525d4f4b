import { describe, expect, it } from 'vitest';
import { comparado, diasDe } from './periodos.ts';

describe('the period before', () => {
  it.each([
    ['a day', '2026-03-01', '2026-03-01', '2026-02-28', '2026-02-28'],
    ['as many days', '2026-03-10', '2026-03-16', '2026-03-03', '2026-03-09'],
    ['a month', '2026-03-01', '2026-03-31', '2026-02-01', '2026-02-28'],
    ['a month that is shorter', '2026-02-01', '2026-02-28', '2026-01-01', '2026-01-31'],
    ['a quarter', '2026-01-01', '2026-03-31', '2025-10-01', '2025-12-31'],
    ['a year', '2026-01-01', '2026-12-31', '2025-01-01', '2025-12-31'],
    ['a month that is not over', '2026-03-01', '2026-03-30', '2026-01-30', '2026-02-28'],
  ])('of %s', (_nome, de, ate, antesDe, antesAte) => {
    expect(comparado({ de, ate }, 'anterior')).toMatchObject({ de: antesDe, ate: antesAte });
  });

  it.each([
    ['the year so far', '2026-01-01', '2026-11-30', '2025-01-01', '2025-11-30'],
    ['29 February', '2028-02-29', '2028-02-29', '2027-02-28', '2027-02-28'],
    ['28 February after a leap year', '2029-02-01', '2029-02-28', '2028-02-01', '2028-02-28'],
  ])('%s, a year before', (_nome, de, ate, antesDe, antesAte) => {
    expect(comparado({ de, ate }, 'ano-anterior')).toMatchObject({ de: antesDe, ate: antesAte });
  });

  it('each of its days falls on one of ours, or on none', () => {
    const dias = comparado({ de: '2026-03-10', ate: '2026-03-16' }, 'anterior');
    expect(dias.trazido('2026-03-03')).toEqual({ dia: '2026-03-10', mes: '2026-03' });
    const meses = comparado({ de: '2026-02-01', ate: '2026-02-28' }, 'anterior');
    expect(meses.trazido('2026-01-28')).toEqual({ dia: '2026-02-28', mes: '2026-02' });
    expect(meses.trazido('2026-01-29')).toEqual({ dia: null, mes: '2026-02' });
    const ano = comparado({ de: '2029-01-01', ate: '2029-12-31' }, 'ano-anterior');
    expect(ano.trazido('2028-02-29')).toEqual({ dia: null, mes: '2029-02' });
    expect(ano.trazido('2028-12-31')).toEqual({ dia: '2029-12-31', mes: '2029-12' });
  });

  it('days are counted with both ends', () => {
    expect(diasDe({ de: '2026-01-01', ate: '2026-01-01' })).toBe(1);
    expect(diasDe({ de: '2026-01-01', ate: '2026-12-31' })).toBe(365);
  });
});
