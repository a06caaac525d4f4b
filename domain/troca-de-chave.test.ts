import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pseudonimizador } from './documento.ts';
import { FiltroDeIds } from './filtro-de-ids.ts';
import type { Interacao } from './interacao.ts';
import {
  impressaoDaChave,
  pseudonimizadorDasTrocas,
  pseudonimizadorSelado,
  type TrocaEmVigor,
  TrocasDeChave,
  temSelo,
} from './troca-de-chave.ts';

const [ANTERIOR, NOVA] = ['a-chave-de-antes-da-troca', 'a-chave-de-depois-da-troca'];
const antes = pseudonimizador(ANTERIOR);
const depois = pseudonimizadorSelado(NOVA);
/** Eleven digits, valid or not: a name is made of any. */
const cpf = fc.integer({ min: 0, max: 99_999_999_999 }).map((n) => String(n).padStart(11, '0'));
const numerado = (n: number): string => String(n).padStart(11, '0');

describe('the set of who is known', () => {
  test('never leaves anybody out, however full, and however often it is folded', () => {
    fc.assert(
      fc.property(fc.array(cpf, { maxLength: 300 }), fc.integer({ min: 1, max: 30_000 }), (todos, ids) => {
        const filtro = FiltroDeIds.para(ids * 8);
        for (const um of todos) filtro.adiciona(antes(um));
        const dobrado = filtro.dobrado(todos.length);
        return todos.every((um) => filtro.tem(antes(um)) && dobrado.tem(antes(um)));
      }),
      { numRuns: 60 },
    );
  });

  test('takes few for known who are not, in ten to twenty bits each', () => {
    const filtro = FiltroDeIds.para(400_000);
    let novos = 0;
    for (let n = 0; n < 50_000; n += 1) novos += filtro.adiciona(antes(numerado(n))) ? 1 : 0;
    const dobrado = filtro.dobrado(50_000);
    expect(novos).toBeGreaterThan(49_900);
    expect(dobrado.bytes.length).toBe(65_536);
    const outros = Array.from({ length: 20_000 }, (_, n) => antes(numerado(1_000_000 + n)));
    expect(outros.filter((id) => dobrado.tem(id)).length).toBeLessThan(400);
  });

  test('holds nothing that is no pseudonym', () => {
    const filtro = FiltroDeIds.para(10);
    expect(filtro.adiciona('52998224725')).toBe(false);
    expect(filtro.tem('52998224725')).toBe(false);
  });
});

describe('the name of a CPF across a change', () => {
  test('who was known keeps it; who was not has one of the new key, of the same form', () => {
    fc.assert(
      fc.property(fc.array(cpf, { maxLength: 50 }), cpf, (conhecidas, outra) => {
        const conhecidos = FiltroDeIds.para(1_000);
        for (const uma of conhecidas) conhecidos.adiciona(antes(uma));
        const nome = pseudonimizadorDasTrocas([ANTERIOR, NOVA], [{ conhecidos }]);
        expect(conhecidas.every((uma) => nome(uma) === antes(uma))).toBe(true);
        expect(nome(outra)).toBe(conhecidos.tem(antes(outra)) ? antes(outra) : depois(outra));
        expect(depois(outra)).toMatch(/^pf:[\w-]{22}$/);
      }),
    );
  });

  test('a new name says under which key it was made, to who holds none', () => {
    const nova = impressaoDaChave(NOVA);
    fc.assert(
      fc.property(cpf, (um) => {
        expect(temSelo(depois(um), nova)).toBe(true);
        expect(temSelo(antes(um), nova)).toBe(false);
        expect(temSelo(pseudonimizador(NOVA)(um), nova)).toBe(false);
        expect(temSelo(depois(um), impressaoDaChave(ANTERIOR))).toBe(false);
      }),
    );
  });
});

describe('a record behind a change', () => {
  const conhecidos = FiltroDeIds.para(10);
  conhecidos.adiciona(antes('1'));
  const troca: TrocaEmVigor = {
    ...{ id: 't', por: 'ana', em: 0, anterior: impressaoDaChave(ANTERIOR), nova: impressaoDaChave(NOVA) },
    ...{ limites: { interacoes: [10, 20], presencas: [5] }, conhecidos },
  };
  const trocas = new TrocasDeChave();
  trocas.poeEmVigor(troca);
  const de = (pf: string | null) => ({ cliente: pf === null ? null : { pf, pj: null } }) as unknown as Interacao;
  const em = (offset: number, partition = 0, topic = 'interacoes') => ({ topic, partition, offset });

  test('is set aside if it names, by the key of before, who was not known by it', () => {
    expect(trocas.superada(em(9), de(antes('2')))).toBe(false);
    expect(trocas.superada(em(10), de(antes('2')))).toBe(true);
    expect(trocas.superada(em(10, 1), de(antes('2')))).toBe(false);
    expect(trocas.superada(em(0, 2), de(antes('2')))).toBe(true);
    expect(trocas.superada(em(5, 0, 'presencas'), de(antes('2')))).toBe(true);
    expect(trocas.superada(em(10), de(antes('1')))).toBe(false);
    expect(trocas.superada(em(10), de(depois('2')))).toBe(false);
    expect(trocas.superada(em(10), de(null))).toBe(false);
  });

  test('also in a list', () => {
    const lista = (pf: string) => ({ cliente: null, participantes: [de(antes('1')), de(pf)] }) as unknown as Interacao;
    expect(trocas.superada(em(10), lista(antes('2')))).toBe(true);
    expect(trocas.superada(em(10), lista(depois('2')))).toBe(false);
  });

  test('of two that came into force the first stays; without any nothing is set aside', () => {
    trocas.poeEmVigor({ ...troca, id: 'outra', limites: { interacoes: [99], presencas: [99] } });
    expect(trocas.emVigor?.id).toBe('t');
    expect(new TrocasDeChave().superada(em(10), de(antes('2')))).toBe(false);
  });
});
