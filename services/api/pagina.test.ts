import { describe, expect, it } from 'vitest';
import { ErroHttp } from '#platform/http/erros.ts';
import { type Chave, ordena, pagina } from './pagina.ts';

interface Item {
  nome: string;
  n: number;
}
const porN = (i: Item): Chave => [i.n, i.nome];
const porNome = (i: Item): Chave => [i.nome];
const itens = (quantos: number): Item[] =>
  Array.from({ length: quantos }, (_, i) => ({ nome: `i${String(i).padStart(3, '0')}`, n: (i * 7) % 5 }));

/** Walks all pages; `entre` changes the items between two of them. */
function percorre(dados: Item[], chaveDe: (i: Item) => Chave, decrescente: number[], entre = (_: Item[]) => {}) {
  const vistos: Item[] = [];
  let cursor: string | undefined;
  do {
    const ordenados = ordena(dados, chaveDe, decrescente);
    const p = pagina({ itens: ordenados, chaveDe, decrescente, limite: 7, cursor, consulta: { q: 1 } });
    vistos.push(...p.itens);
    cursor = p.proximo ?? undefined;
    entre(dados);
  } while (cursor !== undefined);
  return vistos;
}

describe('pagina', () => {
  it.each([
    ['by number, from the greatest', porN, [0]],
    ['by name', porNome, []],
  ] as const)('%s: every item once, in order', (_nome, chaveDe, decrescente) => {
    const dados = itens(50);
    expect(percorre(dados, chaveDe, [...decrescente])).toEqual(ordena(dados, chaveDe, [...decrescente]));
  });

  it('what comes, goes or grows between pages moves no other item across an edge', () => {
    const dados = itens(50);
    const antes = new Set(dados.map(({ nome }) => nome));
    let vez = 0;
    const vistos = percorre(dados, porNome, [], (todos) => {
      vez += 1;
      todos.push({ nome: `a${vez}`, n: 1 }, { nome: `i00${vez}x`, n: 1 });
      for (const item of todos) item.n += 1;
      const primeiro = todos.findIndex(({ nome }) => nome === `i00${vez}`);
      todos.splice(primeiro, 1);
    });
    const nomes = vistos.map(({ nome }) => nome);
    expect(new Set(nomes).size).toBe(nomes.length);
    expect([...antes].filter((nome) => !nomes.includes(nome))).toEqual([]);
  });

  it('the last page says so, also where it is full', () => {
    const dados = itens(14);
    const umaPagina = (cursor?: string) => pagina({ itens: dados, chaveDe: porNome, limite: 7, cursor, consulta: {} });
    const { proximo } = umaPagina();
    expect(umaPagina(proximo ?? '').proximo).toBeNull();
    expect(pagina({ itens: [], chaveDe: porNome, limite: 7, cursor: undefined, consulta: {} })).toEqual({
      itens: [],
      proximo: null,
    });
  });

  it('a cursor that is none, or of another query, is refused', () => {
    const de = (cursor: string, consulta = {}) =>
      pagina({ itens: itens(20), chaveDe: porNome, limite: 7, cursor, consulta });
    const { proximo } = pagina({ itens: itens(20), chaveDe: porNome, limite: 7, cursor: undefined, consulta: {} });
    for (const cursor of [
      'x',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('["a",[{}]]').toString('base64url'),
    ]) {
      expect(() => de(cursor)).toThrow(ErroHttp);
    }
    expect(() => de(proximo ?? '', { outra: true })).toThrow(/outra consulta/);
    expect(de(proximo ?? '').itens[0]?.nome).toBe('i007');
  });
});
