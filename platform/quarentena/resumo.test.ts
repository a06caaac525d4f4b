import { expect, it } from 'vitest';
import { type Estado, Resumidor } from './resumo.ts';

const AGORA = Date.parse('2026-03-15T12:00:00-03:00');

it('counts by reason what waits, and by day all that was set aside', () => {
  const r = new Resumidor(AGORA);
  const toma = (motivo: string, quando: string, estado: Estado) =>
    r.toma({ postaEm: Date.parse(quando), registro: { motivo } }, estado);
  toma('A', '2026-03-15T00:00:00-03:00', 'espera');
  toma('A', '2026-03-14T23:59:59-03:00', 'reenviada');
  toma('B', '2026-03-02T00:00:00-03:00', 'corrigida');
  toma('B', '2026-03-01T23:59:59-03:00', 'espera');
  // Long ago and put back: no news.
  toma('C', '2026-01-01T00:00:00-03:00', 'reenviada');
  const { esperam, dias, motivos } = r.resumo();
  expect([esperam, dias.length, dias[0], dias.at(-1)]).toEqual([3, 14, '2026-03-02', '2026-03-15']);
  expect(motivos.map(({ motivo, esperam: e, corrigidas }) => [motivo, e, corrigidas])).toEqual([
    ['B', 2, 1],
    ['A', 1, 0],
  ]);
  expect(motivos.map((m) => [m.porDia[0], m.porDia.at(-2), m.porDia.at(-1)])).toEqual([
    [1, 0, 0],
    [0, 1, 1],
  ]);
});
