import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { register } from './commands/key.ts';
import { comAcesso, oQueFariaDaFonte } from './importacao/acesso.ts';
import { ptBr } from './portuguese.ts';

/** An api that keeps sources and keys, and what it was asked. */
const fontes = new Map<string, unknown>();
let pedidos: string[] = [];
let recusa: { status: number; codigo: string } | null = null;

const CRIADA = { papeis: ['produtor'], interacoes: null, limite: null, criada: '', mudada: null, anteriorAte: null };
const servidor = createServer(async (req, res) => {
  const [, , tipo = '', id = ''] = (req.url ?? '').split('/');
  const corpo = (req.method === 'PUT' ? await json(req) : {}) as Record<string, unknown>;
  pedidos.push(`${req.method} ${tipo}/${id}`);
  const responde = (status: number, o: object) => res.writeHead(status).end(JSON.stringify(o));
  if (recusa !== null) return responde(recusa.status, { codigo: recusa.codigo, detail: 'não' });
  if (req.method === 'DELETE') return res.writeHead(204).end();
  if (tipo === 'fontes') fontes.set(id, corpo);
  else if (!fontes.has(String(corpo.source))) return responde(409, { codigo: 'FONTE_DESCONHECIDA', detail: 'não há' });
  return responde(200, { id, source: corpo.source ?? null, chave: 'segredo', ...CRIADA });
});

let ditos: string[] = [];
beforeAll(async () => {
  await new Promise<void>((pronto) => servidor.listen(0, '127.0.0.1', pronto));
  vi.stubEnv('ATENDIDO_API_URL', `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`);
  vi.stubEnv('ATENDIDO_CHAVE_OPERACAO', 'a chave de operação dos testes de unidade');
  vi.stubEnv('ATENDIDO_CHAVE', '');
  vi.spyOn(process.stderr, 'write').mockImplementation((t) => ditos.push(String(t)) > 0);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  servidor.close();
});
beforeEach(() => {
  fontes.clear();
  [pedidos, ditos, recusa] = [[], [], null];
});

describe('a fonte de uma importação', () => {
  const importa = (mais: { nomeDaFonte?: string } = {}) =>
    comAcesso({ source: 'crm', nome: 'k', por: 'eu', ...mais }, new AbortController().signal, async () => 'feito');
  const CHAVE_FEITA_E_DESFEITA = ['PUT credenciais/k', 'DELETE credenciais/k'];

  it('que falta é registrada com o próprio nome por quem tem a chave de operação, e isso é dito', async () => {
    expect(await importa()).toBe('feito');
    expect(pedidos).toEqual(['PUT credenciais/k', 'PUT fontes/crm', ...CHAVE_FEITA_E_DESFEITA]);
    expect(fontes.get('crm')).toEqual({ nome: 'crm' });
    expect(ditos).toEqual([expect.stringMatching(/^A fonte 'crm' não estava registrada.*\n$/)]);
  });

  it('que já está registrada fica como está', async () => {
    fontes.set('crm', { nome: 'CRM', unidade: 'SP' });
    await importa();
    expect([pedidos, ditos, fontes.get('crm')]).toEqual([CHAVE_FEITA_E_DESFEITA, [], { nome: 'CRM', unidade: 'SP' }]);
  });

  it('leva o nome de --registra', async () => {
    await importa({ nomeDaFonte: 'CRM de SP' });
    expect([fontes.get('crm'), ditos]).toEqual([{ nome: 'CRM de SP' }, []]);
  });

  it('não é registrada por quem não pode: a recusa é a de sempre', async () => {
    recusa = { status: 403, codigo: 'PAPEL_INSUFICIENTE' };
    await expect(importa()).rejects.toMatchObject({ code: 'PAPEL_INSUFICIENTE' });
    expect([pedidos, ditos]).toEqual([['PUT credenciais/k'], []]);
  });

  it('com a chave de um produtor não é assunto da importação', async () => {
    vi.stubEnv('ATENDIDO_CHAVE', 'de um produtor');
    expect(await importa()).toBe('feito');
    expect(oQueFariaDaFonte({ source: 'crm' })).toBeNull();
    vi.stubEnv('ATENDIDO_CHAVE', '');
    expect(pedidos).toEqual([]);
  });

  it('num ensaio só se diz o que seria', () => {
    expect(oQueFariaDaFonte({ source: 'crm' })).toMatch(/^A fonte 'crm', se ainda não está .*seria registrada/);
    expect(oQueFariaDaFonte({ source: 'crm', nomeDaFonte: 'CRM' })).toContain("como 'CRM'");
    expect(pedidos).toEqual([]);
  });
});

describe('key create', () => {
  const cria = async (...args: string[]): Promise<unknown> => {
    const programa = new Command('atendido').exitOverride();
    register(programa);
    ptBr(programa);
    const todos = ['key', 'create', 'lms', '--papel', 'produtor', '--source', 'lms', '--por', 'eu', ...args];
    return programa.parseAsync(todos, { from: 'user' }).catch((e: Error) => e);
  };

  it('registra a fonte com a unidade dos statements dela', async () => {
    await cria('--registra', 'LMS', '--unidade', 'SP', '--tipo', 'momento-digital');
    expect(fontes.get('lms')).toEqual({ nome: 'LMS', interacoes: ['momento-digital'], unidade: 'SP' });
  });

  it.each([
    ['que não há', ['--registra', 'LMS', '--unidade', 'XX'], /^USO_INVALIDO: .*XX.*SP/],
    ['sem a fonte de que seria', ['--unidade', 'SP'], /^USO_INVALIDO: .*--registra/],
  ])('recusa uma unidade %s antes de pedir qualquer coisa', async (_, args, dito) => {
    expect(await cria(...args)).toMatchObject({ name: 'CommanderError' });
    expect(ditos.join('')).toMatch(dito);
    expect(pedidos).toEqual([]);
  });
});
