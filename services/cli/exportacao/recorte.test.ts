import { describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { pessoaDe } from './exportacao.ts';
import { emJson } from './json.ts';
import { marcasDe, nomeia, type Pessoa, recorteDaClassificada, recorteDaInteracao } from './recorte.ts';
import { emTexto } from './texto.ts';

const NOMEIA = pseudonimizador('uma-chave-de-teste-qualquer');
const NOMES = (cpf: string): [string] => [NOMEIA(cpf)];
const CPF = '52998224725';
const ELA = pessoaDe('529.982.247-25', NOMES);
const OUTRA = 'pf:BBBBBBBBBBBBBBBBBBBBBB';
const EMPRESA = 'pj:11222333000181';
const DE_OUTRA = 'pj:00000000000191';

const pf = (id: string | null, pj: string | null = null): Cliente => ({
  pf: id,
  pj: pj === null ? null : { id: pj, vinculo: 'indicacao' },
  naoIdentificado: null,
});
const linha = (cliente: Cliente) => ({ cliente, presencas: 2, frequencia: null, papel: null });
const BASE: Interacao = {
  ...INTERACAO_VAZIA,
  source: 'crm',
  id: 'e1',
  tipoInteracao: 'atendimento',
  time: Date.parse('2026-03-02T13:15:00Z'),
  unidade: 'SP',
  responsavel: { id: 'maria-da-silva', papel: 'consultor' },
};
const ENCERRAMENTO: Interacao = {
  ...BASE,
  tipoInteracao: 'consolidacao-disponibilizacao',
  participantes: [linha(pf(OUTRA, DE_OUTRA)), linha(pf(ELA.id, EMPRESA)), linha(pf('pf:CCCCCCCCCCCCCCCCCCCCCC'))],
};

const visivel = (pessoa: Pessoa, i: Interacao) => JSON.stringify(recorteDaInteracao(pessoa, i));

describe('who is named', () => {
  it.each<[string, Interacao, boolean]>([
    ['its client', { ...BASE, cliente: pf(ELA.id) }, true],
    ['a line of its list', ENCERRAMENTO, true],
    ['a CPF in the clear, past the door', { ...BASE, cliente: pf('529.982.247-25') }, true],
    ['another', { ...BASE, cliente: pf(OUTRA) }, false],
    ['nobody', BASE, false],
  ])('%s', (_, i, esperado) => {
    expect(nomeia(ELA, i)).toBe(esperado);
  });

  it('a company, as the one created too', () => {
    const empresa = pessoaDe('11.222.333/0001-81', NOMES);
    expect(nomeia(empresa, { ...BASE, cliente: pf(OUTRA, EMPRESA) })).toBe(true);
    expect(nomeia(empresa, { ...BASE, cliente: pf(OUTRA), pjCriada: '11222333000181' })).toBe(true);
    expect(marcasDe(empresa).map(String)).toEqual(['11222333000181']);
  });

  it('no document: no person', () => {
    expect(() => pessoaDe('52998224724', NOMES)).toThrow(
      expect.objectContaining({ code: 'DOCUMENTO_INVALIDO', message: expect.not.stringContaining('5299') }),
    );
  });
});

describe('what of a record is hers', () => {
  it('of a list her line alone, with her company', () => {
    const texto = visivel(ELA, ENCERRAMENTO);
    expect(JSON.parse(texto).participantes).toEqual([
      { cliente: { pf: ELA.id, pj: { id: EMPRESA, vinculo: 'indicacao' } }, presencas: 2 },
    ]);
    expect(texto).not.toMatch(/BBBB|CCCC|pj:0000|maria/);
  });

  it('beside a company, the person is another', () => {
    const empresa = pessoaDe(EMPRESA, NOMES);
    const texto = visivel(empresa, { ...BASE, cliente: pf(OUTRA, EMPRESA), protocolo: `de ${OUTRA}` });
    expect(texto).toContain(EMPRESA);
    expect(texto).not.toContain('BBBB');
  });

  it('of a list in which she is, not the client it names beside it', () => {
    const texto = visivel(ELA, { ...ENCERRAMENTO, cliente: pf(OUTRA, DE_OUTRA), pjCriada: '00000000000191' });
    expect(texto).not.toMatch(/BBBB|00000000000191/);
  });

  it('no CPF in the clear, hers or of another', () => {
    const texto = visivel(ELA, { ...BASE, cliente: pf(CPF), protocolo: 'com 111.444.777-35', id: '1772446500123' });
    expect(texto).not.toMatch(/52998224725|111\.444/);
    expect(texto).toContain('1772446500123');
  });

  it('of the credits hers', () => {
    const decisao = { creditos: [ELA.id, EMPRESA, OUTRA], chave: 'consultoria|protocolo=1', metrica: 'atendimento' };
    const classificada = recorteDaClassificada(ELA, { ...BASE, cliente: pf(ELA.id, EMPRESA) }, decisao);
    expect(classificada.decisao).toEqual({ ...decisao, creditos: [ELA.id, EMPRESA] });
  });
});

describe('how it is written', () => {
  const abertura = {
    cliente: ELA.id,
    geradaEm: '2026-03-02T13:15:00.000Z',
    situacao: {
      anos: {
        '2026': {
          atendido: true,
          atendimentos: 1,
          primeiro: '2026-03-02T13:15:00.000Z',
          ultimo: '2026-03-02T13:15:00.000Z',
          porTipo: { consultoria: 1 },
          outrasMetricas: {},
          indicadores: [],
        },
      },
    },
    esquecimentos: [],
    presencas: [{ oferta: 'O1', chave: 'co:{p0}:o:O1', apuracao: 0, participacao: { pf: ELA.id, revisao: 1 } }],
  };
  const onde = { topico: 'interacoes', particao: 3, posicao: 42, recebidaEm: '2026-03-02T13:15:01.000Z' } as const;
  const registro = { ...onde, dados: recorteDaInteracao(ELA, { ...BASE, cliente: pf(ELA.id) }) };

  it.each([0, 1, 2])('JSON, whole, of %i records', (n) => {
    const formato = emJson();
    const partes = Array.from({ length: n }, () => formato.registro(registro));
    const texto = [formato.abre(abertura), ...partes, formato.fecha(n)].join('');
    expect(JSON.parse(texto)).toMatchObject({ ...abertura, registros: Array(n).fill(registro), total: n });
  });

  it('text: an explanation, plain words, and where each record stands', () => {
    const formato = emTexto();
    const texto = [formato.abre(abertura), formato.registro(registro), formato.fecha(1)].join('');
    expect(texto).toMatch(/^OS SEUS DADOS NO ATENDIDO/);
    expect(texto).toContain('art. 18');
    expect(texto).toContain('2026: cliente atendido');
    expect(texto).toContain('* atendimento individual');
    expect(texto).toContain('  quando aconteceu: 02/03/2026, 10:15:00');
    expect(texto).toContain('guardado em interacoes/3/42, recebido em 02/03/2026, 10:15:01');
    expect(Math.max(...texto.split('\n').map((l) => l.length))).toBeLessThanOrEqual(100);
  });
});
