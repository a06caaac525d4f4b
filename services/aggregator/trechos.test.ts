import { expect, test } from 'vitest';
import type { Lancamento } from '#domain/lancamento.ts';
import { trechos } from './trechos.ts';

/** Lots of as many entries as said; the value tells how many. */
const registros = (...tamanhos: [offset: number, entradas: number][]) =>
  tamanhos.map(([offset, n]) => ({ offset, timestamp: 0, key: null, value: Buffer.from(String(n)), headers: {} }));
const decodifica = (valor: Buffer | null): Lancamento[] => new Array(Number(String(valor)));
const resumo = (posicao: number, lotes: ReturnType<typeof registros>) =>
  [...trechos(lotes, posicao, decodifica)].map(({ para, lotes, lancamentos }) => [para, lotes.length, lancamentos]);

test('lots are put together until there is enough for a commit', () => {
  expect(resumo(0, registros([0, 2000], [1, 2000], [2, 2000], [3, 10]))).toEqual([
    [3, 3, 6000],
    [4, 1, 10],
  ]);
});

test('what was applied is left out, over gaps, and is not even decoded', () => {
  expect(resumo(5, registros([1, Number.NaN], [4, Number.NaN], [7, 3], [9, 4]))).toEqual([[10, 2, 7]]);
  expect(resumo(10, registros([1, 1], [9, 4]))).toEqual([]);
  expect(resumo(0, [])).toEqual([]);
});

test('a lot of nothing moves the position', () => {
  expect(resumo(3, registros([3, 0]))).toEqual([[4, 1, 0]]);
});
