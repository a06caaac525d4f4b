import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv, csvDe } from './csv.ts';

const linhas = (texto: string): string[] => texto.slice(1).split('\r\n');

describe('csv', () => {
  it('is what a spreadsheet in Brazil opens: mark, semicolons, decimal commas, CRLF', () => {
    const texto = csv(['motivo', 'n', 'variacao', 'vale', 'nada'], [['ÁGUA', 1_234, -0.052, true, null]]);
    expect(texto).toBe('\uFEFFmotivo;n;variacao;vale;nada\r\nÁGUA;1234;-0,052;sim;\r\n');
  });

  it.each([['=1+1'], ['+1'], ['-1'], ['@SUM(A1)'], ['\tx'], ['\r=x']])('%j is a text, no formula', (perigo) => {
    expect(linhas(csv(['a'], [[perigo]]))[1]?.replace(/^"/, '')).toMatch(/^'/);
    expect(linhas(csv([perigo], []))[0]?.replace(/^"/, '')).toMatch(/^'/);
  });

  it('a number that is negative stays a number', () => {
    expect(linhas(csv(['a'], [[-5]]))[1]).toBe('-5');
  });

  it('whatever a text holds, a reader finds it again', () => {
    const textos = ['a;b', 'diz "sim"', 'duas\nlinhas', '\r\n', ' a ', ''];
    const lido = parse(csv(['a', 'b'], [[...textos.slice(0, 2)], [...textos.slice(2, 4)], [...textos.slice(4)]]), {
      ...{ bom: true, delimiter: ';', record_delimiter: '\r\n' },
    });
    // The one that begins with a control character of a formula has an apostrophe before it.
    expect(lido.slice(1).flat()).toEqual(textos.map((t) => (t === '\r\n' ? "'\r\n" : t)));
  });

  it('of objects: the columns asked for, in that order', () => {
    expect(linhas(csvDe(['b', 'a'], [{ a: 1, b: 'x' }]))).toEqual(['b;a', 'x;1', '']);
  });
});
