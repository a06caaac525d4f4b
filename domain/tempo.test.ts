import { describe, expect, it } from 'vitest';
import { anoDe, diaDe, inicioDoDia, mesDe, mesesEntre } from './tempo.ts';

const em = Date.parse;

describe('o calendário de São Paulo', () => {
  it.each([
    ['2026-12-31T23:59:59.999-03:00', '2026-12-31'],
    ['2027-01-01T00:00:00-03:00', '2027-01-01'],
    ['2027-01-01T02:59:59.999Z', '2026-12-31'],
    ['2027-01-01T03:00:00Z', '2027-01-01'],
    ['2026-03-02T00:30:00-05:00', '2026-03-02'],
    ['2026-03-01T23:30:00-05:00', '2026-03-02'],
    ['2024-02-29T12:00:00-03:00', '2024-02-29'],
    ['1999-12-31T23:59:59-02:00', '1999-12-31'],
  ])('%s é do dia %s', (instante, dia) => {
    expect(diaDe(em(instante))).toBe(dia);
    expect(mesDe(em(instante))).toBe(dia.slice(0, 7));
    expect(anoDe(em(instante))).toBe(dia.slice(0, 4));
  });

  it('no horário de verão de antes de 2019 o dia vira às duas da manhã UTC', () => {
    expect(diaDe(em('2018-12-31T01:59:59Z'))).toBe('2018-12-30');
    expect(diaDe(em('2018-12-31T02:00:00Z'))).toBe('2018-12-31');
    expect(diaDe(em('2019-12-31T02:00:00Z'))).toBe('2019-12-30');
  });
});

describe('os meses de um período', () => {
  it.each([
    ['2026-11', '2027-02', ['2026-11', '2026-12', '2027-01', '2027-02']],
    ['2026-03', '2026-03', ['2026-03']],
    ['2026-03', '2026-02', []],
    ['9999-12', '9999-12', ['9999-12']],
  ])('de %s a %s', (de, ate, meses) => expect(mesesEntre(de, ate)).toEqual(meses));
});

describe('o primeiro instante de um dia', () => {
  it.each([
    ['2027-01-01', '2027-01-01T03:00:00Z'],
    ['2018-12-31', '2018-12-31T02:00:00Z'],
    // Clocks went from 23:59:59 to 01:00: there was no midnight.
    ['2018-11-04', '2018-11-04T03:00:00Z'],
    // Clocks went back at midnight: 23:00 came twice, and the day began once.
    ['2019-02-17', '2019-02-17T03:00:00Z'],
  ])('%s começa em %s', (dia, instante) => {
    expect(inicioDoDia(dia)).toBe(em(instante));
    expect(diaDe(inicioDoDia(dia) - 1)).not.toBe(dia);
  });

  it('um dia que não existe é um erro, não outro dia', () => {
    expect(() => inicioDoDia('2026-13-01')).toThrow();
  });
});
