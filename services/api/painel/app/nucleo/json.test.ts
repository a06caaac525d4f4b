import { expect, it } from 'vitest';
import { leJson } from './json.ts';

const mensagem = (texto: string): string | null => {
  const lido = leJson(texto);
  return lido.ok ? null : lido.mensagem;
};

it('says in Portuguese where a text stops being JSON', () => {
  expect(leJson('{"a": [1, -2.5e3, "\\u00e9", null, {}, []]}')).toMatchObject({ ok: true });
  expect(mensagem(' \n')).toBe('Cole um evento, ou escolha um exemplo.');
  const casos: [string, string][] = [
    ['{\n  "a": x\n}', 'linha 2, coluna 8'],
    ['{"a": 1,\n}', 'linha 2, coluna 1'],
    ['{"a": 1 "b": 2}', 'linha 1, coluna 9'],
    ["{'a': 1}", 'linha 1, coluna 2'],
    ['{"a": [1, 2}', 'linha 1, coluna 12'],
    ['{"a": "um\ndois"}', 'linha 1, coluna 7'],
    ['{} {}', 'linha 1, coluna 3'],
    ['{"a": 1', 'termina antes da hora'],
    ['['.repeat(500), 'linha 1'],
  ];
  for (const [texto, onde] of casos) expect(mensagem(texto), texto).toContain(onde);
});
