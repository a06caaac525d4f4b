import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conversor, mapaDoCabecalho } from './conversao.ts';
import { idDaLinha, resolveChaveImportacao } from './identidade.ts';
import { leMapa } from './mapa.ts';

const BASE = 'tipo: {constante: atendimento}\n  time: Data\n  unidade: UF\n';
const mapa = (campos: string, topo = '') => leMapa(`${topo}\ncampos:\n  ${BASE}  ${campos}`, 'mapa.yaml');
const latin1 = (texto: string) => Buffer.from(texto, 'utf8').toString('latin1');

function converte(campos: string, linha: Record<string, string>, topo = '') {
  const celulas: Record<string, string> = { Data: '02/03/2026', UF: 'SP', ...linha };
  return new Conversor(mapa(campos, topo), Object.keys(celulas)).converte(Object.values(celulas).map(latin1));
}
const erros = (campos: string, linha: Record<string, string>, topo?: string) =>
  converte(campos, linha, topo).erros.map(({ codigo, campo, coluna }) => [codigo, campo, coluna]);
const dados = (campos: string, linha: Record<string, string>, topo?: string) =>
  converte(campos, linha, topo).evento.data;

describe('Conversor', () => {
  it('makes an event of columns, constants and translations', () => {
    const campos = `id: {colunas: [Turma, Matrícula]}
  canal: {coluna: Meio, traducao: {Tel: telefone, "Zap": whatsapp}, senao: portal}
  contabiliza: Vale
  duracaoMin: Duração
  etapas: Etapas
  cliente.pf.cpf: {coluna: CPF, zeros: 11}`;
    const linha = {
      Turma: 'T1',
      Matrícula: '7',
      Meio: 'TEL',
      Vale: 'Não',
      Duração: '1.090,5',
      Etapas: '3,0',
      CPF: '1234567890',
    };
    expect(converte(campos, linha)).toEqual({
      erros: [],
      evento: {
        id: 'T1/7',
        type: 'br.com.sebrae.interacao.atendimento',
        time: '2026-03-02T03:00:00.000Z',
        data: {
          unidade: 'SP',
          canal: 'telefone',
          contabiliza: false,
          duracaoMin: 1090.5,
          etapas: 3,
          cliente: { pf: { cpf: '01234567890' } },
        },
      },
    });
    expect(dados(campos, { ...linha, Meio: 'Outro' })).toMatchObject({ canal: 'portal' });
  });

  it('tells of everything that is wrong in a line, by field and column', () => {
    const campos = `canal: {coluna: Meio, traducao: {Tel: telefone}}
  contabiliza: Vale
  duracaoMin: Duração
  cliente.pf.cpf: CPF
  cliente.pj.cnpj: CNPJ`;
    const linha = {
      Data: '31/02/2026',
      Meio: 'Fax',
      Vale: 'talvez',
      Duração: '0.5',
      CPF: '52998224726',
      CNPJ: '11222333000182',
    };
    expect(erros(campos, linha)).toEqual([
      ['DATA_INVALIDA', 'time', 'Data'],
      ['VALOR_SEM_TRADUCAO', 'canal', 'Meio'],
      ['BOOLEANO_INVALIDO', 'contabiliza', 'Vale'],
      ['NUMERO_INVALIDO', 'duracaoMin', 'Duração'],
      ['CPF_INVALIDO', 'cliente.pf.cpf', 'CPF'],
      ['CNPJ_INVALIDO', 'cliente.pj.cnpj', 'CNPJ'],
    ]);
  });

  it('says nothing of a CPF in what it says of a line', () => {
    const { erros: ditos } = converte('etapas: Etapas', { Etapas: '529.982.247-25' });
    expect(JSON.stringify(ditos)).not.toMatch(/529/);
  });

  it('leaves a group out where only its constants are there', () => {
    const campos = 'cliente.pj.cnpj: CNPJ\n  cliente.pj.vinculo: {constante: enriquecimento}';
    expect(dados(campos, { CNPJ: '' })).toEqual({ unidade: 'SP' });
    expect(dados(campos, { CNPJ: '11.222.333/0001-81' })).toMatchObject({
      cliente: { pj: { vinculo: 'enriquecimento' } },
    });
    const fixo = 'responsavel.id: {constante: ana}\n  responsavel.papel: {constante: atendente}';
    expect(dados(fixo, {})).toMatchObject({ responsavel: { id: 'ana', papel: 'atendente' } });
  });

  it('takes what the map says for nothing', () => {
    expect(dados('protocolo: P', { P: 'NULL' }, 'vazios: ["NULL"]')).toEqual({ unidade: 'SP' });
  });

  it('reads Latin-1 where the map says so, and otherwise no bytes that are not UTF-8', () => {
    const celulas = ['02/03/2026', 'SP', 'S\xe3o Jo\xe3o \x80'];
    const nomes = ['Data', 'UF', 'P'];
    const lida = new Conversor(mapa('protocolo: P', 'codificacao: latin1'), nomes).converte(celulas);
    expect(lida.evento.data).toMatchObject({ protocolo: 'São João €' });
    const [erro] = new Conversor(mapa('protocolo: P'), nomes).converte(celulas).erros;
    expect(erro).toMatchObject({ codigo: 'CODIFICACAO_DIVERGENTE', coluna: 'P' });
  });

  it('needs no map where columns are named as in the contract', () => {
    const nomes = ['id', 'tipo', 'time', 'unidade', 'CPF', 'data.tipoSolucao', 'cliente.pj.cnpj'];
    const lida = new Conversor(mapaDoCabecalho(nomes), nomes).converte(['1', 'login', '02/03/2026', 'SP', '', '', '']);
    expect(lida).toMatchObject({ erros: [], evento: { id: '1', data: { unidade: 'SP' } } });
    expect(() => mapaDoCabecalho([...nomes, 'Nome'])).toThrow(/'Nome'/);
    expect(() => mapaDoCabecalho([...nomes, 'cliente.pf.cpf'])).toThrow(/'cliente.pf.cpf'/);
  });

  it('reads any cells at all, in any field', () => {
    const campos = 'etapas: A\n  contabiliza: B\n  canal: C\n  cliente.pf.cpf: D';
    const conversor = new Conversor(mapa(campos), ['Data', 'UF', 'A', 'B', 'C', 'D']);
    const celula = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.string().map(latin1), fc.constant(''));
    fc.assert(
      fc.property(fc.array(celula, { minLength: 6, maxLength: 6 }), (celulas) => {
        const { evento, erros: ditos } = conversor.converte(celulas);
        const data = evento.data as { etapas?: number; contabiliza?: boolean };
        expect(data.etapas === undefined || Number.isInteger(data.etapas)).toBe(true);
        expect([undefined, true, false]).toContain(data.contabiliza);
        expect(evento.time === undefined || !Number.isNaN(Date.parse(evento.time))).toBe(true);
        for (const { codigo, coluna } of ditos)
          expect([codigo, coluna]).toEqual([expect.any(String), expect.any(String)]);
      }),
    );
  });
});

describe('leMapa', () => {
  it.each([
    ['id: CPF', /campos\.id: a coluna 'CPF' é um documento/],
    ['id: {colunas: [Turma, "CNPJ da empresa"]}', /campos\.id: a coluna 'CNPJ da empresa'/],
    ['id: Doc\n  cliente.pf.cpf: Doc', /campos\.id: a coluna 'Doc'/],
    ['id: {constante: x}', /campos\.id: um id constante/],
    ['participantes: P', /campos\.participantes: o contrato não tem/],
    ['nome: Nome', /campos\.nome: o contrato não tem/],
    ['canal: {coluna: A, constante: b}', /campos\.canal: leva uma só/],
    ['canal: {coluna: A, senao: b}', /campos\.canal\.senao: só acompanha/],
    ['canal: {colunna: A}', /campos\.canal/],
    ['etapas: {coluna: A, decimal: ";"}', /campos\.etapas\.decimal: deve ser/],
  ])('refuses %s', (campos, erro) => expect(() => mapa(campos)).toThrow(erro));
  it.each([
    ['fuso: Brasilia', /fuso: 'Brasilia' não é um fuso/],
    ['datas: [dd/MM/yyyy]', /datas\.0: 'dd\/MM\/yyyy' não é um formato/],
    ['separador: ";;"', /separador: deve ser um caractere/],
    ['codificacao: utf-16', /codificacao: deve ser utf-8 ou latin1/],
    ['hora: "25:00"', /hora: deve ser uma hora/],
  ])('refuses %s', (topo, erro) => expect(() => mapa('canal: C', topo)).toThrow(erro));
  it('asks for what no event can do without, and for YAML', () => {
    expect(() => leMapa('campos: {}', 'm')).toThrow(/campos\.tipo: obrigatório\n.*campos\.time: .*\n.*campos\.unidade/);
    expect(() => leMapa('campos: [', 'm')).toThrow(/não é YAML/);
  });
  it('names the columns that the file does not have, or has twice', () => {
    expect(() => new Conversor(mapa('canal: C'), ['Data', 'UF', 'UF'])).toThrow(
      /há duas colunas 'UF'\nnão há a coluna 'C'/,
    );
  });
});

describe('idDaLinha', () => {
  const linha = { CPF: '52998224725', Data: '02/03/2026' };
  it('is that of the same line whatever the order of its columns, and of no other, source or key', () => {
    const id = idDaLinha('chave-de-16-letras', 'crm', linha);
    expect(id).toMatch(/^imp-[0-9a-f]{32}$/);
    expect(idDaLinha('chave-de-16-letras', 'crm', { Data: linha.Data, CPF: linha.CPF })).toBe(id);
    const outros = [
      idDaLinha('outra-chave-de-16', 'crm', linha),
      idDaLinha('chave-de-16-letras', 'lms', linha),
      idDaLinha('chave-de-16-letras', 'crm', { ...linha, Data: '03/03/2026' }),
    ];
    expect(new Set([id, ...outros]).size).toBe(4);
  });
  it('asks for a key in production', () => {
    expect(() => resolveChaveImportacao({ ATENDIDO_MODO: 'producao' })).toThrow(/ATENDIDO_CHAVE_IMPORTACAO/);
    expect(() => resolveChaveImportacao({ ATENDIDO_CHAVE_IMPORTACAO: 'curta' })).toThrow(/ao menos 16/);
  });
});
