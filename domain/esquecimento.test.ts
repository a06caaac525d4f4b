import { describe, expect, it } from 'vitest';
import { dobra, type EstadoCliente, estadoVazio, estaVazio } from './cliente.ts';
import type { Decisao } from './decisao.ts';
import { dobraTrecho, porTitular } from './dobra-trecho.ts';
import {
  decisaoSem,
  type Esquecimento,
  Esquecimentos,
  encerramentoDe,
  interacaoSem,
  lancamentosSem,
  type Origem,
  semDono,
} from './esquecimento.ts';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import type { Lancamento } from './lancamento.ts';
import type { Rulebooks } from './rulebook.ts';

const [MARIA, DEPOIS, OUTRO, JOANA, PJ] = ['pf:maria', 'pf:depois', 'pf:outro', 'pf:joana', 'pj:1'];

const ORDEM: Esquecimento = {
  ...{ numero: 1, titular: MARIA, nome: DEPOIS, por: 'ana', em: 500, anunciado: false, desde: 1_000 },
  limites: { interacoes: [10], presencas: [20] },
  fechamentos: [{ apuracao: 0, interacoes: [30], encerrado: true }],
};

function ordens(...todas: Esquecimento[]): Esquecimentos {
  const esquecimentos = new Esquecimentos();
  for (const um of todas) esquecimentos.registra(um);
  return esquecimentos;
}

const cliente = (pf: string | null, pj: string | null = null): Cliente => {
  return { pf, pj: pj === null ? null : { id: pj, vinculo: 'indicacao' }, naoIdentificado: null };
};

const interacao = (time: number, dela: Partial<Interacao> = {}): Interacao => {
  return { ...INTERACAO_VAZIA, source: 's', id: 'i', time, cliente: cliente(MARIA), ...dela };
};

const em = (topic: string, offset: number, derivadaPor: number | null = null): Origem => {
  return { topic, partition: 0, offset, derivadaPor };
};

/** Under which name a record is decided; null: under none. */
function nome(esquecimentos: Esquecimentos, origem: Origem, time: number): string | null {
  const visto = esquecimentos.ve(origem, interacao(time));
  return semDono(visto) ? null : (visto.interacao.cliente?.pf ?? null);
}

const CONTA: Decisao = {
  ...{ resultado: 'contabiliza', metrica: 'atendimento', motivo: 'INTERACAO_DE_ATENDIMENTO', regra: '4.1' },
  ...{ rulebook: 'r', modalidade: null, estrutura: null, propostaValor: null, chave: 'k', detalhe: null },
  creditos: [MARIA, PJ],
};

describe('as whose a record is decided', () => {
  it.each([
    ['interacoes', 9, 0, MARIA],
    ['interacoes', 10, 999, null],
    ['interacoes', 10, 1_000, DEPOIS],
    ['presencas', 19, 0, MARIA],
    ['presencas', 20, 999, null],
    ['presencas', 20, 1_000, DEPOIS],
  ])('in %s at %i, of %i: %s', (topic, offset, time, quem) => {
    expect(nome(ordens(ORDEM), em(topic, offset), time)).toBe(quem);
  });

  it('of a partition that was added since, all is behind the boundary', () => {
    const visto = ordens(ORDEM).ve({ ...em('interacoes', 0), partition: 7 }, interacao(0));
    expect(semDono(visto)).toBe(true);
  });

  it('what is derived stands wherever it is, up to where its copies begin; by another apuração, up to its own', () => {
    const um = ordens(ORDEM);
    expect(nome(um, em('interacoes', 29, 0), 0)).toBe(MARIA);
    expect(nome(um, em('interacoes', 30, 0), 5_000)).toBeNull();
    expect(nome(um, em('interacoes', 99, 1), 0)).toBe(MARIA);
    const aberta = ordens({ ...ORDEM, fechamentos: [] });
    expect(nome(aberta, em('interacoes', 99, 0), 0)).toBe(MARIA);
  });

  it('read again by the line once it is ended in that apuração, nothing is anybody', () => {
    const um = ordens(ORDEM);
    const deNovo = (origem: Origem, naLinha: number | null) => nome(um, { ...origem, naLinha }, 0);
    const antes = [em('interacoes', 9), em('presencas', 19), em('interacoes', 29, 0)];
    expect(antes.map((origem) => deNovo(origem, 0))).toEqual([null, null, null]);
    // Of another apuración's ledger the end is yet to come, and a recount is no reading by the line.
    expect(antes.map((origem) => deNovo(origem, 1))).toEqual([MARIA, MARIA, MARIA]);
    expect(antes.map((origem) => deNovo(origem, null))).toEqual([MARIA, MARIA, MARIA]);
    const aberta = ordens({ ...ORDEM, fechamentos: [{ apuracao: 0, interacoes: [30], encerrado: false }] });
    expect(nome(aberta, { ...em('interacoes', 9), naLinha: 0 }, 0)).toBe(MARIA);
    expect(nome(um, { ...em('interacoes', 10), naLinha: 0 }, 1_000)).toBe(DEPOIS);
  });

  it('an order that is not in force yet changes nothing', () => {
    const anunciada = ordens({ ...ORDEM, desde: null, anunciado: true });
    expect(nome(anunciada, em('interacoes', 99), 0)).toBe(MARIA);
    expect(anunciada.anunciado?.numero).toBe(1);
    expect(anunciada.nomeAtual(MARIA)).toBe(MARIA);
  });

  it('forgotten again, each order has its own boundary', () => {
    const limites = { interacoes: [50], presencas: [50] };
    const duas = ordens(ORDEM, { ...ORDEM, numero: 2, titular: DEPOIS, nome: OUTRO, desde: 2_000, limites });
    expect(duas.nomesDe(MARIA)).toEqual([MARIA, DEPOIS, OUTRO]);
    expect(nome(duas, em('interacoes', 49), 1_500)).toBe(DEPOIS);
    expect(nome(duas, em('interacoes', 50), 1_500)).toBeNull();
    expect(nome(duas, em('interacoes', 50), 2_000)).toBe(OUTRO);
  });

  it('of a list only her own line is another', () => {
    const linha = { presencas: null, frequencia: null, papel: null };
    const participantes = [MARIA, JOANA].map((pf) => ({ ...linha, cliente: cliente(pf) }));
    const lista = (time: number) => {
      const visto = ordens(ORDEM).ve(em('presencas', 20), interacao(time, { cliente: null, participantes }));
      return interacaoSem(visto).participantes?.map((p) => p.cliente.pf);
    };
    expect(lista(0)).toEqual([JOANA]);
    expect(lista(1_000)).toEqual([DEPOIS, JOANA]);
  });

  it('nothing is copied where nobody is forgotten', () => {
    const um = interacao(0, { cliente: cliente(JOANA) });
    expect(ordens(ORDEM).ve(em('interacoes', 99), um).interacao).toBe(um);
    const antes = interacao(0);
    expect(ordens(ORDEM).ve(em('interacoes', 9), antes).interacao).toBe(antes);
  });

  it('tells whose presences end where', () => {
    const um = ordens(ORDEM);
    expect([19, 20, 21, 19].map((offset) => [...um.semPresencas(0, offset)])).toEqual([[], [MARIA], [MARIA], []]);
    expect(um.semPresencas(0, 99)).toBe(um.semPresencas(0, 20));
    um.registra({ ...ORDEM, numero: 2, titular: OUTRO, limites: { interacoes: [50], presencas: [50] } });
    expect([20, 49, 50].map((offset) => [...um.semPresencas(0, offset)])).toEqual([[MARIA], [MARIA], [MARIA, OUTRO]]);
    expect([um.cruzados(0, 5, 19), um.cruzados(0, 5, 20), um.cruzados(0, 20, 25)]).toEqual([[], [MARIA], []]);
  });
});

describe('what is decided of the forgotten', () => {
  it('alone: it does not count, and nothing is entered', () => {
    const visto = { interacao: interacao(0), fora: new Set([MARIA]) };
    const decisao = decisaoSem(visto, { ...CONTA, creditos: [MARIA] });
    expect(decisao).toMatchObject({
      resultado: 'nao-contabiliza',
      motivo: 'TITULAR_ESQUECIDO',
      creditos: [],
      chave: null,
    });
    expect(lancamentosSem(visto, decisao)).toEqual([]);
    expect(interacaoSem(visto).cliente?.pf).toBeNull();
  });

  it('beside a company: it counts for the company, and is told of once', () => {
    const visto = { interacao: interacao(0, { cliente: cliente(MARIA, PJ) }), fora: new Set([MARIA]) };
    const decisao = decisaoSem(visto, CONTA);
    expect(decisao).toMatchObject({ resultado: 'contabiliza', creditos: [PJ] });
    expect(lancamentosSem(visto, decisao)).toMatchObject([
      { cliente: PJ, principal: true, credito: { chave: 'k', ladoDePf: false } },
    ]);
  });

  it('beside a company that is credited nothing: it does not count', () => {
    const visto = { interacao: interacao(0, { cliente: cliente(MARIA, PJ) }), fora: new Set([MARIA]) };
    const decisao = decisaoSem(visto, { ...CONTA, creditos: [MARIA] });
    expect(decisao).toMatchObject({ resultado: 'nao-contabiliza', metrica: 'jornada' });
    expect(lancamentosSem(visto, decisao)).toMatchObject([{ cliente: PJ, metrica: 'jornada', credito: null }]);
  });
});

describe('a closing', () => {
  const credito = { chave: 'k', quantidade: 1, comPj: true, ladoDePf: false };
  const entrada: Lancamento = {
    ...{ cliente: MARIA, source: 's', id: 'P/pf:maria/1', time: Date.UTC(2026, 5), principal: true, motivo: 'm' },
    ...{ metrica: 'atendimento', tipoSolucao: 'curso', unidade: 'SP', canal: null, modalidade: 'presencial' },
    ...{ credito, estornada: null },
  };
  const rulebooks = { em: () => ({ versao: 'r', indicadores: {} }) } as unknown as Rulebooks;

  it('leaves nothing of her, counts nothing, and takes back what was told of her', () => {
    const estado = estadoVazio();
    const trecho = porTitular([[entrada], [encerramentoDe(ORDEM)]]);
    const guardados: EstadoCliente[] = [];
    const estados = { le: () => estado, guarda: (_: string, mudado: EstadoCliente) => guardados.push(mudado) };
    const { status, esquecidos, metricas } = dobraTrecho(trecho, estados, rulebooks);
    expect(guardados.map(estaVazio)).toEqual([true]);
    expect([...status.keys()]).toEqual([]);
    expect([...esquecidos]).toEqual([`${MARIA}|2026`]);
    expect([...metricas.values()].reduce((a, b) => a + b, 0)).toBe(1);
    const outra = dobraTrecho(porTitular([[encerramentoDe(ORDEM)]]), estados, rulebooks);
    expect(outra).toMatchObject({ status: new Map(), esquecidos: new Set(), indicadores: [] });
    expect(outra.metricas.size).toBe(0);
  });

  it('takes back what was told of a year in which nothing counts any more', () => {
    const estado = estadoVazio();
    const outra = { ...entrada, id: 'j', metrica: 'jornada', time: Date.UTC(2025, 5), credito: null } as const;
    const trecho = porTitular([[entrada, outra], [encerramentoDe(ORDEM)]]);
    const { esquecidos } = dobraTrecho(trecho, { le: () => estado, guarda: () => undefined }, rulebooks);
    expect([...esquecidos].sort()).toEqual([`${MARIA}|2025`, `${MARIA}|2026`]);
  });

  it('of a company beside her leaves what counts, without her name', () => {
    const estado = estadoVazio();
    const chave = 'curso|evento|s|P/pf:maria/1';
    dobra(estado, [{ ...entrada, cliente: PJ, credito: { ...credito, chave } }, encerramentoDe(ORDEM, PJ)]);
    expect(estado.portadores).toMatchObject([{ id: 'P/esquecimento/1/1', time: entrada.time }]);
    expect(JSON.stringify(estado)).not.toContain(MARIA);
    expect(dobra(estado, [{ ...entrada, cliente: PJ }]).novos).toEqual([]);
  });
});

describe('whom nothing is shown of any more', () => {
  it.each([
    ['what stands before the order', 9, 2_000, false, true],
    ['what happened before it, wherever it stands', 10, 999, false, true],
    ['what was derived of presences of before', 50, 2_000, true, true],
    ['what happened from then on, behind the order', 10, 1_000, false, false],
  ])('%s', (_caso, offset, time, derivada, calada) => {
    const lugar = { topic: 'interacoes', partition: 0, offset };
    // From the moment it is in force, closed or not.
    const emVigor = { ...ORDEM, fechamentos: [] };
    expect(ordens(emVigor).calado(lugar, { pf: MARIA, time, derivada })).toBe(calada);
    expect(ordens({ ...ORDEM, desde: null }).calado(lugar, { pf: MARIA, time, derivada })).toBe(false);
    expect(ordens(emVigor).calado(lugar, { pf: JOANA, time, derivada })).toBe(false);
  });

  it('who was forgotten again is shown by the last name alone', () => {
    const segunda: Esquecimento = { ...ORDEM, numero: 2, titular: DEPOIS, nome: OUTRO, desde: 3_000 };
    const lugar = { topic: 'interacoes', partition: 0, offset: 12 };
    const calada = (time: number) => ordens(ORDEM, segunda).calado(lugar, { pf: MARIA, time, derivada: false });
    expect([calada(2_000), calada(3_000)]).toEqual([true, false]);
  });
});
