import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTRATO } from './contrato.ts';
import { pseudonimizador } from './documento.ts';
import { cloudEvent, type EventoLido, leEvento } from './evento.ts';
import { TIPOS_INTERACAO } from './interacao.ts';

const pseudonimo = pseudonimizador('chave-de-teste-com-mais-de-16');
const le = (evento: unknown): EventoLido => leEvento(evento, pseudonimo);

const DADOS = {
  unidade: 'SP',
  tipoSolucao: 'orientacao-tecnica',
  canal: 'telefone',
  cliente: { pf: { cpf: '52998224725' } },
};
const EVENTO = {
  specversion: '1.0',
  id: 'x',
  source: 'crm',
  type: 'br.com.sebrae.interacao.atendimento',
  time: '2026-03-02T10:15:00-03:00',
  data: DADOS,
};
const com = (dados: object, fora: object = {}) => ({ ...EVENTO, ...fora, data: { ...DADOS, ...dados } });
const lido = (evento: unknown) => {
  const r = le(evento);
  if (!r.ok) throw new Error(JSON.stringify(r.erros));
  return r;
};
const campos = (evento: unknown) => {
  const r = le(evento);
  return r.ok ? [] : r.erros.map((e) => e.campo);
};

describe('um evento bem feito', () => {
  it('vira uma interação sem documento algum', () => {
    const { interacao, documentoInvalido, desconhecidos } = lido(
      com({ cliente: { pf: { cpf: '529.982.247-25' }, pj: { cnpj: '11.222.333/0001-81' } } }),
    );
    expect(interacao).toMatchObject({
      source: 'crm',
      id: 'x',
      tipoInteracao: 'atendimento',
      time: Date.parse('2026-03-02T13:15:00Z'),
      cliente: { pf: pseudonimo('52998224725'), pj: { id: 'pj:11222333000181', vinculo: 'indicacao' } },
      protocolo: null,
    });
    expect(JSON.stringify(interacao)).not.toContain('52998224725');
    expect({ documentoInvalido, desconhecidos }).toEqual({ documentoInvalido: null, desconhecidos: [] });
  });

  it.each([
    ['2026-03-02t10:15:00z', '2026-03-02T10:15:00Z'],
    ['2026-03-02t10:15:00.5-03:00', '2026-03-02T13:15:00.500Z'],
  ])('a hora é a de RFC 3339, que permite t e z minúsculos: %s', (time, instante) => {
    expect(lido({ ...EVENTO, time }).interacao.time).toBe(Date.parse(instante));
  });

  it('o esquema publicado diz da hora o mesmo que a porta', () => {
    const { time } = z.toJSONSchema(cloudEvent, { io: 'input' }).properties as { time: z.core.JSONSchema.BaseSchema };
    expect(time).toMatchObject({ type: 'string', format: 'date-time' });
    const casos = ['2026-03-02t10:15:00z', '2026-03-02T10:15:00-03:00', '2026-03-02T10:15:00', '2026-02-30T10:15:00Z'];
    expect(casos.map((c) => new RegExp(time.pattern ?? '^$').test(c))).toEqual([true, true, false, false]);
  });

  it('campo nulo é campo ausente, em qualquer nível', () => {
    const nulos = com({ protocolo: null, responsavel: null, cliente: { pf: { cpf: '52998224725' }, pj: null } });
    expect(lido({ ...nulos, subject: null }).interacao).toEqual(lido(EVENTO).interacao);
    expect(campos(com({ unidade: null }))).toEqual(['data.unidade']);
  });

  it('campos que o contrato não tem são deixados de lado, e ditos', () => {
    const { interacao, desconhecidos } = lido(
      com({ novo: 1, 'com.ponto': { x: [null] }, cliente: { pf: { cpf: '52998224725', nome: 'Ana' } } }),
    );
    expect(desconhecidos.sort()).toEqual(['data.cliente.pf.nome', 'data.com.ponto', 'data.novo']);
    expect(interacao).toEqual(lido(EVENTO).interacao);
  });

  it('atributos de extensão do CloudEvents são permitidos', () => {
    expect(lido({ ...EVENTO, traceparent: '00-ab', datacontenttype: 'application/json' }).desconhecidos).toEqual([]);
  });

  it('não altera o que lê', () => {
    const evento = com({ novo: null, outro: 1 });
    const antes = structuredClone(evento);
    le(evento);
    expect(evento).toEqual(antes);
  });
});

describe('um evento mal feito', () => {
  it('um id com meio caractere não vira outro', () => {
    expect(campos({ ...EVENTO, id: 'a\ud800' })).toEqual(['id']);
    expect(campos({ ...EVENTO, id: 'a😀' })).toEqual([]);
  });

  it.each([
    ['sem specversion', { ...EVENTO, specversion: undefined }, ['specversion']],
    ['de outra versão', { ...EVENTO, specversion: '0.3' }, ['specversion']],
    ['hora sem fuso', { ...EVENTO, time: '2026-03-02T10:15:00' }, ['time']],
    ['dia que não existe', { ...EVENTO, time: '2026-02-30T10:15:00-03:00' }, ['time']],
    ['hora de um relógio zerado', { ...EVENTO, time: '1970-01-01T00:00:00Z' }, ['time']],
    ['tipo de outro mundo', { ...EVENTO, type: 'com.exemplo.x' }, ['type']],
    ['interação que não existe', { ...EVENTO, type: 'br.com.sebrae.interacao.x' }, ['type']],
    ['documento em número', com({ cliente: { pf: { cpf: 52998224725 } } }), ['data.cliente.pf.cpf']],
    [
      'estudante ao lado de PJ',
      com({ cliente: { pj: { cnpj: 'x' }, naoIdentificado: { perfil: 'p' } } }),
      ['data.cliente.naoIdentificado'],
    ],
    ['unidade inventada', com({ unidade: 'sp' }), ['data.unidade']],
    ['sem dados', { ...EVENTO, data: undefined }, ['data']],
    [
      'vários erros, todos ditos',
      com({ unidade: 1, presencas: -1 }, { id: '' }),
      ['id', 'data.unidade', 'data.presencas'],
    ],
  ])('%s', (_, evento, esperados) => expect(campos(evento)).toEqual(esperados));

  it('o que está errado é dito em português', () => {
    const r = le(com({ unidade: 1, presencas: -1 }));
    expect(r.ok ? [] : r.erros.map((e) => e.mensagem)).toEqual([
      'Entrada inválida: esperava um texto, recebeu um número',
      'Pequeno demais: esperava que o número fosse >= 0',
    ]);
  });

  it('o que falta é dito obrigatório, e o nome do campo uma vez só', () => {
    const erros = (evento: unknown) => {
      const r = le(evento);
      return r.ok ? [] : r.erros;
    };
    expect(erros(com({ unidade: undefined }))).toEqual([{ campo: 'data.unidade', mensagem: 'obrigatório' }]);
    expect(erros(com({ tipoSolucao: undefined }))).toEqual([
      { campo: 'data.tipoSolucao', mensagem: 'obrigatório em atendimento' },
    ]);
    expect(erros({ ...EVENTO, type: 'br.com.sebrae.interacao.x' })).toEqual([
      { campo: 'type', mensagem: "'x' não é uma interação conhecida" },
    ]);
  });

  it('cada interação cobra os campos que o contrato lhe exige', () => {
    for (const tipo of TIPOS_INTERACAO) {
      const recusado = campos({ ...EVENTO, type: `br.com.sebrae.interacao.${tipo}` });
      const [primeiro] = CONTRATO[tipo].obrigatorios ?? [];
      expect(recusado).toEqual(primeiro === undefined ? [] : [`data.${primeiro}`]);
      const semTipo = campos({ ...com({ tipoSolucao: null }), type: `br.com.sebrae.interacao.${tipo}` });
      if (CONTRATO[tipo].dispensaTipo !== true) expect(semTipo).toEqual(['data.tipoSolucao']);
    }
  });

  it('um documento errado não impede a leitura: é lembrado, e o CPF antes do CNPJ', () => {
    const cliente = { pf: { cpf: '52998224724' }, pj: { cnpj: '11222333000182' } };
    expect(lido(com({ pjCriada: '1', cliente })).documentoInvalido).toEqual({
      motivo: 'CPF_INVALIDO',
      campo: 'data.cliente.pf.cpf',
    });
    const lista = [{ cliente: { pj: { cnpj: '1' } } }, { cliente: { pf: { cpf: '1' } } }];
    const fim = com({ participantes: lista }, { type: 'br.com.sebrae.interacao.consolidacao-disponibilizacao' });
    expect(lido(fim).documentoInvalido?.campo).toBe('data.participantes.1.cliente.pf.cpf');
  });
});

describe('leEvento nunca lança', () => {
  it('com JSON qualquer', () => {
    fc.assert(fc.property(fc.jsonValue(), (v) => typeof le(v).ok === 'boolean'));
  });

  it('com um evento em que um campo qualquer é qualquer coisa', () => {
    const nome = fc.oneof(
      fc.constantFrom(...Object.keys(DADOS), 'participantes', 'estornada', '__proto__'),
      fc.string(),
    );
    fc.assert(
      fc.property(nome, fc.jsonValue(), fc.constantFrom(...TIPOS_INTERACAO), (campo, valor, tipo) => {
        const data = { ...DADOS, ...Object.fromEntries([[campo, valor]]) };
        const r = le({ ...EVENTO, type: `br.com.sebrae.interacao.${tipo}`, data });
        return r.ok || r.erros.length > 0;
      }),
      { numRuns: 2000 },
    );
  });

  it('com JSON mais fundo que a pilha', () => {
    const fundo: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
    expect(le(fundo).ok).toBe(false);
    expect(le(com({ cliente: fundo })).ok).toBe(false);
    expect(lido(com({ estranho: fundo })).desconhecidos).toEqual(['data.estranho']);
  });
});
