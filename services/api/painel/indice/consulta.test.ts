import { describe, expect, it } from 'vitest';
import type { FiltrosDaLista } from './consulta.ts';
import { filtra, lista, resume } from './consulta.ts';
import { entradaDe } from './entrada.ts';
import { AGORA, cliente, comIndice, emQuarentena, entrada, esquecida, interacao, MARIA } from './fixture.ts';

const HORA = 3_600_000;
const em = (quando: string): number => Date.parse(quando);

describe('the summary', () => {
  it('counts by reason what waits, and by day all that was set aside', () => {
    const s = comIndice();
    const toma = (id: string, motivo: string, quando: string) => s.indice.poe(entrada(id, { motivo, em: em(quando) }));
    toma('0/1', 'A', '2026-03-15T00:00:00-03:00');
    toma('0/2', 'A', '2026-03-14T23:59:59-03:00');
    toma('0/3', 'B', '2026-03-02T00:00:00-03:00');
    toma('0/4', 'B', '2026-03-01T23:59:59-03:00');
    // Long ago and put back: no news.
    toma('0/5', 'C', '2026-01-01T00:00:00-03:00');
    for (const id of ['0/2', '0/5']) s.reenvia(id);
    s.corrige('0/3');
    const { esperam, dias, motivos } = resume(s, AGORA);
    expect([esperam, dias.length, dias[0], dias.at(-1)]).toEqual([3, 14, '2026-03-02', '2026-03-15']);
    expect(motivos.map(({ motivo, esperam: e, corrigidas }) => [motivo, e, corrigidas])).toEqual([
      ['B', 2, 1],
      ['A', 1, 0],
    ]);
    expect(motivos.map((m) => [m.porDia[0], m.porDia.at(-2), m.porDia.at(-1)])).toEqual([
      [1, 0, 0],
      [0, 1, 1],
    ]);
  });

  it('offers as filters what the records have', () => {
    const s = comIndice();
    s.indice.poe(entrada('0/1', { de: interacao({ unidade: 'SP', tipoSolucao: 'palestra' }) }));
    s.indice.poe(entrada('0/2', { source: 'lms', de: interacao({ unidade: 'AC' }) }));
    expect(resume(s, AGORA).opcoes).toEqual({
      source: ['crm', 'lms'],
      unidade: ['AC', 'SP'],
      tipoSolucao: ['palestra'],
    });
  });
});

describe('the list', () => {
  const cheia = () => {
    const s = comIndice();
    s.indice.poe(entrada('0/1', { motivo: 'A', em: AGORA - 30 * HORA }));
    s.indice.poe(entrada('0/2', { motivo: 'B', source: 'lms', em: AGORA - 2 * HORA }));
    s.indice.poe(entrada('1/3', { de: interacao({ unidade: 'AC', tipoSolucao: 'curso' }), em: AGORA - HORA }));
    s.indice.poe(entrada('1/4', { em: AGORA }));
    s.corrige('0/2');
    s.reenvia('1/4');
    return s;
  };

  const casos: [FiltrosDaLista, string[]][] = [
    [{}, ['1/3', '0/2', '0/1']],
    [{ situacao: 'todas' }, ['1/4', '1/3', '0/2', '0/1']],
    [{ situacao: 'intocada' }, ['1/3', '0/1']],
    [{ situacao: 'corrigida' }, ['0/2']],
    [{ situacao: 'reenviada' }, ['1/4']],
    [{ motivo: 'A' }, ['1/3', '0/1']],
    [{ source: 'lms' }, ['0/2']],
    [{ unidade: 'AC' }, ['1/3']],
    [{ tipoSolucao: 'curso' }, ['1/3']],
    [{ dia: '2026-03-14' }, ['0/1']],
    [{ motivo: 'A', unidade: 'SP' }, ['0/1']],
  ];
  it.each(casos)('%j', (filtros, esperados) => {
    expect(filtra(cheia(), filtros).map(({ id }) => id)).toEqual(esperados);
  });

  it('in pages, that neither repeat nor leave out what stood there when more comes between', () => {
    const s = comIndice();
    for (let n = 0; n < 5; n += 1) s.indice.poe(entrada(`0/${n}`, { em: AGORA - n }));
    const um = lista(s, { limite: 2 });
    s.indice.poe(entrada('0/9', { em: AGORA + 1 }));
    const dois = lista(s, { limite: 2, cursor: um.proximo ?? '' });
    const tres = lista(s, { limite: 2, cursor: dois.proximo ?? '' });
    const ids = [um, dois, tres].flatMap(({ itens }) => itens.map(({ id }) => id));
    expect([ids, um.total, dois.total, tres.proximo]).toEqual([['0/0', '0/1', '0/2', '0/3', '0/4'], 5, 6, null]);
    expect(() => lista(s, { limite: 2, cursor: um.proximo ?? '', motivo: 'A' })).toThrow('outra consulta');
  });

  it('a resolution taken back makes the record wait again', () => {
    const s = cheia();
    s.desfaz('1/4');
    expect(filtra(s, {}).map(({ id }) => id)).toContain('1/4');
  });

  it('tells how many it could not hold', () => {
    const s = comIndice(2);
    for (let n = 0; n < 4; n += 1) s.indice.poe(entrada(`0/${n}`, { em: AGORA + n }));
    expect(lista(s, { limite: 9 })).toMatchObject({ total: 2, maximo: 2, alem: { esperavam: 2, reenviadas: 0 } });
  });

  it('hides what looks like a CPF, and cuts what is long', () => {
    const posta = emQuarentena('0/1', { source: '529.982.247-25', detalhe: `52998224725 ${'x'.repeat(1_000)}` });
    const { source, detalhe } = entradaDe(posta, null);
    expect(`${source} ${detalhe}`).not.toMatch(/529/);
    expect(detalhe.length).toBeLessThan(310);
  });
});

describe('who was forgotten', () => {
  const dela = { cliente: cliente(MARIA) };
  it.each([
    ['is not shown', '0/1', interacao(dela), []],
    ['nor under the id of before in what comes after and happened before', '0/200', interacao(dela), []],
    ['is somebody else in what happens from then on', '0/200', interacao({ ...dela, time: AGORA }), ['0/200']],
    ['leaves the company that stood beside', '0/1', interacao({ cliente: cliente(MARIA, 'pj:1') }), ['0/1']],
    ['takes no other along', '0/1', interacao({ cliente: cliente('pf:OOOOOOOOOOOOOOOOOOOOOO') }), ['0/1']],
  ])('%s', (_caso, id, de, vistos) => {
    const s = comIndice(9, esquecida());
    s.indice.poe(entrada(id, { de }));
    expect(filtra(s, {}).map((e) => e.id)).toEqual(vistos);
    expect(resume(s, AGORA).esperam).toBe(vistos.length);
  });

  it.each([
    ['PAL-1', ''],
    ['PAL-1', '/estorno'],
  ])('is not in the id of a participation of %s…%s either, nor in why it was set aside', (oferta, fim) => {
    const s = comIndice(9, esquecida());
    const [source, evento] = ['atendido-consolidador', `${oferta}/${MARIA}/1${fim}`];
    const de = interacao({ source, id: evento, cliente: cliente(MARIA, 'pj:1') });
    s.indice.poe(entrada('0/200', { source, id: evento, detalhe: `${evento} já veio`, de }));
    const { itens } = lista(s, { limite: 9 });
    expect(itens).toMatchObject([{ evento: `PAL-1/***/1${fim}`, detalhe: `PAL-1/***/1${fim} já veio` }]);
    expect(JSON.stringify(itens)).not.toMatch(/pf:/);
  });

  it('nor is what cannot be read and has the id as key, or in its bytes', () => {
    const s = comIndice(9, esquecida());
    s.indice.poe(entradaDe(emQuarentena('0/1', { chave: Buffer.from(MARIA) }), null));
    s.indice.poe(entradaDe(emQuarentena('0/2', { valor: Buffer.from(`{"pf":"${MARIA}"}`) }), null));
    s.indice.poe(entradaDe(emQuarentena('0/3', { valor: Buffer.from('nada') }), null));
    expect(filtra(s, {}).map(({ id }) => id)).toEqual(['0/3']);
  });
});
