import { expect, it } from 'vitest';
import { pedidoDe, recusaMistura } from './comando.ts';

const INVALIDA = { code: 'EXPORTACAO_INVALIDA', exitCode: 2 };
const recusa = (pede: () => unknown): unknown => {
  try {
    pede();
  } catch (error) {
    return error;
  }
  return null;
};

it('a person is not asked for with what is for records', () => {
  for (const opcoes of [{ from: 1 }, { to: 1 }, { format: 'csv' as const }, { linhas: 9 }]) {
    expect(recusa(() => recusaMistura(opcoes))).toMatchObject(INVALIDA);
  }
  expect(recusa(() => recusaMistura({ out: 'dados.txt', json: true }))).toBeNull();
});

it('records need a beginning, a folder, and an end after the beginning', () => {
  for (const opcoes of [{}, { out: 'bi' }, { from: 1 }, { from: 2, to: 2, out: 'bi' }]) {
    expect(recusa(() => pedidoDe(opcoes))).toMatchObject(INVALIDA);
  }
  const pedido = { pasta: 'bi', formato: 'parquet', porArquivo: 250_000, de: 0, ate: null };
  expect(pedidoDe({ from: 0, out: 'bi' })).toEqual(pedido);
});
