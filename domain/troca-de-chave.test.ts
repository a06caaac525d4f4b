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

describe('any number of changes', () => {
  const CHAVES = [
    'a-chave-primeira',
    'a-chave-segunda',
    'a-chave-terceira',
    'a-chave-quarta',
    'a-chave-quinta',
  ] as const;
  const PESSOAS = 12;
  const quem = fc.integer({ min: 0, max: PESSOAS - 1 });
  const acontece = fc.oneof(
    { weight: 2, arbitrary: fc.record({ vem: quem }) },
    // Named by who heard of so many changes only: now and then before anybody named them right.
    { weight: 4, arbitrary: fc.record({ vem: quem, ouviu: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant('troca' as const) },
  );
  type Acontecido = { vem: number; ouviu?: number } | 'troca';
  const de = (pf: string) => ({ cliente: { pf, pj: null } }) as unknown as Interacao;
  const em = (offset: number, partition = 0) => ({ topic: 'interacoes', partition, offset });

  /** A change after these, from an offset on. */
  function proxima(trocas: TrocasDeChave, offset: number, conhecidos: FiltroDeIds): TrocaEmVigor {
    const n = trocas.todas.length;
    const [anterior, nova] = [impressaoDaChave(CHAVES[n] ?? ''), impressaoDaChave(CHAVES[n + 1] ?? '')];
    const limites = { interacoes: [offset], presencas: [] };
    return { ...{ id: `t${n + 1}`, por: 'ana', em: 0, anterior, nova }, limites, conhecidos };
  }

  function nomeia(trocas: readonly TrocaEmVigor[], pessoa: number): string {
    const [primeira, ...outras] = CHAVES;
    return pseudonimizadorDasTrocas([primeira, ...outras.slice(0, trocas.length)], trocas)(numerado(pessoa));
  }

  /** A log of one partition, and what was named in it. @param bytes of the filter of each change: in a few everybody soon seems known */
  function linha(acontecidos: readonly Acontecido[], bytes: readonly number[]) {
    const trocas = new TrocasDeChave();
    const log: { pessoa: number; nome: string; certo: string }[] = [];
    for (const um of acontecidos) {
      if (um !== 'troca') {
        const certo = nomeia(trocas.todas, um.vem);
        const nome = um.ouviu === undefined ? certo : nomeia(trocas.todas.slice(0, um.ouviu), um.vem);
        log.push({ pessoa: um.vem, nome, certo });
        continue;
      }
      if (trocas.todas.length === CHAVES.length - 1) continue;
      const conhecidos = new FiltroDeIds(new Uint8Array(bytes[trocas.todas.length] ?? 0));
      // Under whichever name, also one that was set aside.
      for (const { nome } of log) conhecidos.adiciona(nome);
      trocas.poeEmVigor(proxima(trocas, log.length, conhecidos));
    }
    return { trocas, log };
  }

  test('whoever comes whenever has one name for ever, which is nobody else’s, and no other name of theirs is taken', () => {
    // Of another size each: whom one takes for known, the next need not.
    const cheios = fc.array(fc.constantFrom(2, 4, 8, 8_192), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(acontece, { maxLength: 60, size: 'max' }), cheios, (acontecidos, bytes) => {
        const { trocas, log } = linha(acontecidos, bytes);
        const tomados = log.filter(({ nome }, offset) => !trocas.superada(em(offset), de(nome)));
        const nomes = Map.groupBy(tomados, ({ pessoa }) => pessoa);
        const deQuem = [...nomes.values()].map((todos) => new Set(todos.map(({ nome }) => nome)));
        expect(deQuem.every(({ size }) => size === 1)).toBe(true);
        expect(new Set(deQuem.flatMap((um) => [...um])).size).toBe(nomes.size);
        for (const [pessoa, todos] of nomes) expect(nomeia(trocas.todas, pessoa)).toBe(todos[0]?.nome);
        // And nobody who is named right is set aside, for ever.
        const certos = log.filter(({ nome, certo }) => nome === certo);
        expect(tomados).toEqual(certos);
        for (const { nome } of certos) expect(trocas.superada(em(log.length), de(nome))).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  /** Two changes: '1' known before the first, '2' before the second. */
  function duas() {
    const trocas = new TrocasDeChave();
    const conhecidos = () => FiltroDeIds.para(10);
    const primeira = proxima(trocas, 10, conhecidos());
    primeira.conhecidos.adiciona(nomeia([], 1));
    trocas.poeEmVigor(primeira);
    const segunda = proxima(trocas, 20, conhecidos());
    for (const pessoa of [1, 2]) segunda.conhecidos.adiciona(nomeia(trocas.todas, pessoa));
    trocas.poeEmVigor(segunda);
    return { trocas, primeira, segunda };
  }
  const selado = (n: number, pessoa: number) => pseudonimizadorSelado(CHAVES[n] ?? '')(numerado(pessoa));

  test('each keeps the name of the key under which they were first known', () => {
    const { trocas } = duas();
    const nomes = [1, 2, 3].map((pessoa) => nomeia(trocas.todas, pessoa));
    expect(nomes).toEqual([pseudonimizador(CHAVES[0])(numerado(1)), selado(1, 2), selado(2, 3)]);
  });

  test('a record is held against the change that it stands behind', () => {
    const { trocas } = duas();
    const posta = (offset: number, pf: string, partition = 0) => trocas.superada(em(offset, partition), de(pf));
    const offsets = [9, 10, 19, 20];
    const primeira = pseudonimizador(CHAVES[0]);
    expect(offsets.map((n) => posta(n, primeira(numerado(1))))).toEqual([false, false, false, false]);
    expect(offsets.map((n) => posta(n, primeira(numerado(3))))).toEqual([false, true, true, true]);
    expect(offsets.map((n) => posta(n, selado(1, 2)))).toEqual([false, false, false, false]);
    expect(offsets.map((n) => posta(n, selado(1, 3)))).toEqual([false, false, false, true]);
    expect(offsets.map((n) => posta(n, selado(2, 3)))).toEqual([false, true, true, false]);
    // As if the first filter, which says nothing of names of later keys, took it for known.
    trocas.todas[0]?.conhecidos.adiciona(selado(1, 3));
    expect(posta(20, selado(1, 3))).toBe(true);
    // One that was added since the last.
    expect([selado(1, 3), selado(2, 3)].map((pf) => posta(0, pf, 1))).toEqual([true, false]);
  });

  test('one that does not follow on the last never comes into force', () => {
    const { trocas, primeira, segunda } = duas();
    const outra = { ...segunda, id: 'outra', nova: impressaoDaChave(CHAVES[3]) };
    const deVolta = { ...primeira, id: 'volta', anterior: segunda.nova, nova: primeira.anterior };
    for (const uma of [primeira, segunda, outra, deVolta]) trocas.poeEmVigor(uma);
    expect(trocas.todas.map(({ id }) => id)).toEqual(['t1', 't2']);
    expect(() => pseudonimizadorDasTrocas([CHAVES[0], CHAVES[1]], trocas.todas)).toThrow(TypeError);
  });
});
