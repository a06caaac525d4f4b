import { expect, test } from 'vitest';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import type { Conexoes } from '../conexoes.ts';
import { atual, pessoaDe } from './exportacao.ts';
import { marcasDe, nomeia } from './recorte.ts';

const nome = (letra: string): string => `pf:${letra.repeat(22)}`;
const [MARIA, ANTIGO, NOVA] = ['m', 'a', 'n'].map(nome) as [string, string, string];
const CPF = '52998224725';
const LUGAR = { topic: 'interacoes', partition: 0, offset: 10 };
const de = (pf: string) => ({ ...INTERACAO_VAZIA, cliente: { pf, pj: null, naoIdentificado: null } });

function situacao(...limites: number[]) {
  const esquecimentos = new Esquecimentos();
  for (const limite of limites) {
    esquecimentos.registra({
      ...{ numero: 1, titular: MARIA, nome: NOVA, por: 'ana', em: 0, anunciado: false, desde: -1, fechamentos: [] },
      limites: { interacoes: [limite], presencas: [0] },
    });
  }
  return { apuracoes: { derivadaPor: () => null }, esquecimentos } as unknown as Conexoes['seguidas'];
}
const pessoa = (seguidas: Conexoes['seguidas']) =>
  atual(
    pessoaDe(CPF, () => [MARIA, ANTIGO]),
    seguidas,
  );

test('what came under another name of theirs is the person’s, and is shown under the one they have', () => {
  const ela = pessoa(situacao());
  expect(marcasDe(ela).map(String)).toEqual(expect.arrayContaining([MARIA, ANTIGO, CPF]));
  const vista = ela.ve?.(LUGAR, de(ANTIGO)) ?? de(ANTIGO);
  expect(nomeia(ela, vista)).toBe(true);
  expect(vista.cliente?.pf).toBe(MARIA);
});

test('forgotten, what came under it before is of nobody, and what comes since of the one they are now', () => {
  const vista = (limite: number) => {
    const ela = pessoa(situacao(limite));
    expect(ela.id).toBe(NOVA);
    return nomeia(ela, ela.ve?.(LUGAR, de(ANTIGO)) ?? de(ANTIGO));
  };
  expect(vista(LUGAR.offset + 1)).toBe(false);
  expect(vista(LUGAR.offset)).toBe(true);
});
