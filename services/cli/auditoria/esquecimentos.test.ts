import { expect, test } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { Interacao } from '#domain/interacao.ts';
import { impressaoDaChave, pseudonimizadorSelado, type TrocaEmVigor } from '#domain/troca-de-chave.ts';
import { esquecimentosDe } from './esquecimentos.ts';

const CHAVES = ['a-chave-primeira', 'a-chave-segunda', 'a-chave-terceira'] as const;
const [antes, daSegunda] = [pseudonimizador(CHAVES[0]), pseudonimizadorSelado(CHAVES[1])];

/** The change after so many. */
function troca(n: 0 | 1, ...ids: string[]): TrocaEmVigor {
  // As what is read has them, so that all threads look at the same.
  const conhecidos = new FiltroDeIds(new Uint8Array(new SharedArrayBuffer(8_192)));
  for (const id of ids) conhecidos.adiciona(id);
  const [anterior, nova] = [impressaoDaChave(CHAVES[n]), impressaoDaChave(CHAVES[n + 1] ?? '')];
  const limites = { interacoes: [(n + 1) * 10], presencas: [] };
  return { ...{ id: `t${n}`, por: 'ana', em: 0, anterior, nova }, limites, conhecidos };
}

test('a thread holds records against every change there was, by the same bytes', () => {
  const trocas = [troca(0, antes('1')), troca(1, antes('1'), daSegunda('2'))];
  const { trocas: recebidas } = esquecimentosDe(structuredClone({ esquecimentos: [], trocas }));
  const posta = (pf: string, offset: number): boolean => {
    const interacao = { cliente: { pf, pj: null } } as unknown as Interacao;
    return recebidas.superada({ topic: 'interacoes', partition: 0, offset }, interacao);
  };
  const em = (pf: string) => [9, 10, 20].map((offset) => posta(pf, offset));
  expect(em(antes('1'))).toEqual([false, false, false]);
  expect(em(antes('3'))).toEqual([false, true, true]);
  expect(em(daSegunda('2'))).toEqual([false, false, false]);
  expect(em(daSegunda('3'))).toEqual([false, false, true]);
  trocas[1]?.conhecidos.adiciona(daSegunda('3'));
  expect(posta(daSegunda('3'), 20)).toBe(false);
});
