import { describe, expect, it } from 'vitest';
import { anosDe, dobra, entregas, estadoVazio, publicoDe, titularDe } from './cliente.ts';
import type { Credito, Lancamento } from './lancamento.ts';

const CREDITO: Credito = { chave: 'k', quantidade: 1, comPj: false, ladoDePf: false };
const BASE: Lancamento = {
  cliente: 'pf:A',
  source: 'crm',
  id: '1',
  time: Date.parse('2026-03-02T10:00:00-03:00'),
  principal: true,
  metrica: 'atendimento',
  motivo: 'MOMENTO_INICIO',
  tipoSolucao: 'curso-autoinstrucional',
  unidade: 'SP',
  canal: 'ead',
  modalidade: 'a-distancia',
  credito: CREDITO,
  estornada: null,
};
const l = (muda: Partial<Lancamento>): Lancamento => ({ ...BASE, ...muda });
const estado = (...lancamentos: Lancamento[]) => {
  const e = estadoVazio();
  dobra(e, lancamentos);
  return e;
};

describe('a entrega é de quem a relatou primeiro', () => {
  const portador = (...lancamentos: Lancamento[]) => entregas(estado(...lancamentos)).map((p) => p.unidade);

  it('pelo tempo, depois pelo sistema, depois pelo id', () => {
    const tarde = l({ id: '0', source: 'aaa', time: BASE.time + 1, unidade: 'RJ' });
    expect(portador(tarde, BASE)).toEqual(['SP']);
    const outroSistema = l({ id: '0', source: 'lms', unidade: 'MG' });
    expect(portador(outroSistema, BASE)).toEqual(['SP']);
    const outroId = l({ id: '0', unidade: 'BA' });
    expect(portador(BASE, outroId)).toEqual(['BA']);
  });

  it('e passa ao seguinte se o primeiro é desfeito', () => {
    const segundo = l({ id: '2', time: BASE.time + 1, unidade: 'RJ' });
    const estorno = l({ id: 'e', credito: null, metrica: 'jornada', estornada: { source: 'crm', id: '1' } });
    expect(portador(estorno, segundo, BASE)).toEqual(['RJ']);
  });
});

describe('o ano do cliente', () => {
  it('soma entregas, com a primeira e a última, e o que não contou', () => {
    const anos = anosDe(
      estado(
        BASE,
        l({ id: '2', time: BASE.time + 5, credito: { ...CREDITO, chave: 'k2' }, tipoSolucao: 'jogo' }),
        l({ id: '3', credito: null, metrica: 'jornada' }),
        l({ id: '4', credito: null, metrica: 'informacao', time: Date.parse('2027-01-01T03:00:00Z') }),
      ),
    );
    expect(anos).toEqual({
      '2026': {
        ...{ atendido: true, atendimentos: 2, primeiro: BASE.time, ultimo: BASE.time + 5 },
        porTipo: { 'curso-autoinstrucional': 1, jogo: 1 },
        outrasMetricas: { jornada: 1 },
      },
      '2027': {
        ...{ atendido: false, atendimentos: 0, primeiro: null, ultimo: null, porTipo: {} },
        outrasMetricas: { informacao: 1 },
      },
    });
  });

  it('continua no registro depois de desfeito, sem ser atendido', () => {
    const estorno = l({ id: 'e', credito: null, metrica: 'jornada', estornada: { source: 'crm', id: '1' } });
    expect(anosDe(estado(BASE, estorno))['2026']).toMatchObject({ atendido: false, atendimentos: 0, primeiro: null });
  });
});

describe('dobra', () => {
  it('diz o que viu pela primeira vez, e se as entregas podem ter mudado', () => {
    const e = estadoVazio();
    expect(dobra(e, [BASE, BASE])).toEqual({ novos: [BASE], mudouEntregas: true });
    expect(dobra(e, [BASE])).toEqual({ novos: [], mudouEntregas: false });
    const login = l({ id: 'l', credito: null, metrica: 'jornada' });
    expect(dobra(e, [login])).toEqual({ novos: [login], mudouEntregas: false });
  });

  const outra = l({ id: '2', credito: { ...CREDITO, chave: 'k2' } });
  const encerramento = l({ id: 'pf:A', source: 'esquecimento/1', metrica: 'encerramento', credito: null });

  it('e diz os novos em ordem, onde quer que estejam as cópias', () => {
    const [a, b, c] = [BASE, outra, l({ id: '3' })];
    const novos = (...lancamentos: Lancamento[]) => dobra(estado(a), lancamentos).novos;
    expect(novos(b, c)).toEqual([b, c]);
    expect(novos(a, b, c)).toEqual([b, c]);
    expect(novos(b, a, b, c, c)).toEqual([b, c]);
    expect(novos(a)).toEqual([]);
    expect(novos(b, encerramento, c)).toEqual([b, c]);
  });

  it('não mexe na lista de entregas que alguém já tem', () => {
    const e = estado(BASE);
    const antes = entregas(e);
    dobra(e, [outra]);
    expect(antes).toHaveLength(1);
    expect(entregas(e)).toHaveLength(2);
  });
});

describe('quem guarda o lançamento', () => {
  it('o cliente; ou um balde comum, onde o estorno encontra o que desfaz', () => {
    expect(titularDe(BASE)).toBe('pf:A');
    const turma = l({ cliente: null });
    const estorno = l({ cliente: null, id: 'e', credito: null, estornada: { source: 'crm', id: '1' } });
    expect(titularDe(turma)).toMatch(/^ni:\d+$/);
    expect(titularDe(estorno)).toBe(titularDe(turma));
    expect([publicoDe('pf:A'), publicoDe('pj:1'), publicoDe('ni:1')]).toEqual(['pf', 'pj', 'nao-identificado']);
  });
});
