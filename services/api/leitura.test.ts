import { describe, expect, it } from 'vitest';
import { enderecoDaProxima, formatoDe } from './leitura.ts';
import { jaTem, marcaDe } from './marca.ts';

describe('formatoDe', () => {
  it.each([
    [undefined, undefined, 'json'],
    [undefined, '*/*', 'json'],
    [undefined, 'text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    [undefined, 'text/csv', 'csv'],
    [undefined, 'text/csv; header=present', 'csv'],
    [undefined, 'text/csv;q=0.5, application/json', 'json'],
    [undefined, 'application/json;q=0.5, Text/CSV', 'csv'],
    [undefined, 'text/csv;q=0', 'json'],
    ['json', 'text/csv', 'json'],
    ['csv', 'application/json', 'csv'],
  ] as const)('formato=%s, Accept: %s → %s', (pedido, accept, formato) => {
    expect(formatoDe(pedido, accept)).toBe(formato);
  });
});

describe('a tag', () => {
  const marca = marcaDe('at', 7);
  const com = (valor: string) => jaTem({ headers: { 'if-none-match': valor } }, marca);

  it('is weak, and another one where anything else is', () => {
    expect(marca).toMatch(/^W\/"[\w-]{22}"$/);
    expect(new Set([marca, marcaDe('at', '7'), marcaDe('at7'), marcaDe('at', 8)]).size).toBe(4);
  });

  it('is known again in a list, weak or strong; another one is not', () => {
    expect([com(marca), com(marca.slice(2)), com(`"x", ${marca}`), com('*')]).toEqual([true, true, true, true]);
    expect([com('"x"'), com(''), jaTem({ headers: {} }, marca)]).toEqual([false, false, false]);
  });
});

it('the address of the next page keeps what was asked, with its cursor', () => {
  expect(enderecoDaProxima('/v1/x', '/v1/x?unidade=S%C3%A3o&cursor=a', 'b', { de: '2026-01-01' })).toBe(
    '/v1/x?unidade=S%C3%A3o&cursor=b&de=2026-01-01',
  );
  expect(enderecoDaProxima('/v1/x', '/v1/x', null)).toBeNull();
});
