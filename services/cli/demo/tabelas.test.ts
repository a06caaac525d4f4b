import { expect, test } from 'vitest';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { resultadosDe } from './resultados.ts';
import { tabelasDe } from './tabelas.ts';

const CONTADORES = {
  indicadores: new Map([
    ['clientes-atendidos|2026|*|total||clientes', 1_234],
    ['clientes-atendidos|2026|*|total||atendimentos', 2_000],
    ['clientes-atendidos|2025|*|total||clientes', 7],
    ['clientes-atendidos|2026|*|tipo|curso|atendimentos', 2_000],
    ['clientes-atendidos|2026|SP|total||atendimentos', 1_500],
    ['clientes-atendidos|2026|SP|mes|2026-03|atendimentos', 99],
    ['clientes-atendidos|2026|AC|total||atendimentos', 500],
    ['de-outro|2026-03|*|total||clientes', 3],
  ]),
  metricas: new Map([
    ['jornada|MOMENTO_NAO_CONTABILIZA|jogo|SP|app|2026-03-02', 10],
    ['jornada|MOMENTO_NAO_CONTABILIZA|jogo|RJ|app|2026-03-03', 5],
    ['atendimento|CONTRATACAO|garantia-fampe|NA|agencia|2026-03-03', 20],
  ]),
};
const QUARENTENA = { CPF_INVALIDO: 2, SEM_RESPONSAVEL: 9 };

test('the counters are arranged by indicator, type, unit and reason; months and other indicators stay out of the cuts', () => {
  const r = resultadosDe(CONTADORES, QUARENTENA);
  expect(r.anos).toEqual(['2025', '2026']);
  expect(r.porIndicador).toEqual({
    'clientes-atendidos': {
      '2026': { clientes: 1_234, atendimentos: 2_000 },
      '2025': { clientes: 7, atendimentos: 0 },
    },
  });
  expect(r.porTipo).toEqual({ curso: { '2026': { clientes: 0, atendimentos: 2_000 } } });
  expect(Object.keys(r.porUnidade)).toEqual(['SP', 'AC']);
  expect(r.porMotivo).toEqual([
    { metrica: 'atendimento', motivo: 'CONTRATACAO', interacoes: 20 },
    { metrica: 'jornada', motivo: 'MOMENTO_NAO_CONTABILIZA', interacoes: 15 },
  ]);
});

test('the tables fit the terminal: descriptions are shortened, then left out', async () => {
  const rulebook = (await loadRulebooks()).em(Date.parse('2026-03-02T10:15:00-03:00'));
  const de = (colunas: number) =>
    tabelasDe(resultadosDe(CONTADORES, QUARENTENA), rulebook, colunas).slice(-2).join('\n');
  const maior = (texto: string) => Math.max(...texto.split('\n').map((l) => l.length));
  expect(de(160)).toContain('Este momento digital não é o que contabiliza.');
  expect(maior(de(90))).toBeLessThanOrEqual(90);
  expect(de(90)).toContain('…');
  expect(maior(de(60))).toBeLessThanOrEqual(60);
  expect(de(60)).not.toContain('Este momento');
  expect(de(60)).toContain('MOMENTO_NAO_CONTABILIZA');
});

test('numbers, names and order are those a manager reads', async () => {
  const rulebook = (await loadRulebooks()).em(Date.parse('2026-03-02T10:15:00-03:00'));
  const [indicadores = '', tipos = '', unidades = ''] = tabelasDe(resultadosDe(CONTADORES, QUARENTENA), rulebook, 160);
  expect(indicadores).toMatch(/Clientes atendidos +│ +7 │ +0 │ +1\.234 │ +2\.000 │/);
  expect(tipos).toMatch(/Curso +│ +0 │ +0 │ +0 │ +2\.000 │/);
  expect(tipos.match(/\n│ (?!tipo)/g)).toHaveLength(20);
  expect(unidades.indexOf('SP')).toBeLessThan(unidades.indexOf('AC'));
});
