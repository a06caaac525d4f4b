import { expect, it } from 'vitest';
import { acabou, anoPorMes, periodosDe } from './periodos.ts';

const PORMES = { '2026-01': { clientes: 3, atendimentos: 5 }, '2026-03': { clientes: 1, atendimentos: 1 } };

it('a month that has not come is unknown; one that had nothing is zero', () => {
  const meses = anoPorMes('2026', PORMES, 'atendimentos', '2026-04-10');
  expect(meses.map((m) => m.n)).toEqual([5, 0, 1, 0, null, null, null, null, null, null, null, null]);
  expect(meses[11]?.mes).toBe('2026-12');
  expect(anoPorMes('2025', {}, 'clientes', '2026-04-10').every((m) => m.n === 0)).toBe(true);
  // Not kept with this filter.
  expect(anoPorMes('2025', null, 'clientes', '2026-04-10').every((m) => m.n === null)).toBe(true);
});

it('the periods of an indicator, the latest first', () => {
  expect(periodosDe('ano', '2026-02-10')).toEqual(['2026', '2025', '2024', '2023', '2022']);
  const meses = periodosDe('mes', '2026-02-10');
  expect([meses[0], meses[1], meses[2], meses.at(-1)]).toEqual(['2026-02', '2026-01', '2025-12', '2024-03']);
});

it('a period is over when another has begun', () => {
  expect([acabou('2025', '2026-02-10'), acabou('2026', '2026-02-10')]).toEqual([true, false]);
  expect([acabou('2026-01', '2026-02-10'), acabou('2026-02', '2026-02-10')]).toEqual([true, false]);
});
