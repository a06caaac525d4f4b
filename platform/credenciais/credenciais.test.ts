import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { resolveChaveOperacao } from './chave-operacao.ts';
import { type Credencial, hashDoSegredo, novoSegredo, permite } from './credencial.ts';
import type { Permitida } from './permissoes.ts';
import { chaveDoRegistro, TabelaDeCredenciais } from './tabela.ts';

const json = (v: object) => Buffer.from(JSON.stringify(v));
const feita = (id: string, segredo: string): Credencial => ({
  id,
  hash: hashDoSegredo(segredo),
  source: null,
  papeis: ['consulta'],
  interacoes: null,
  criada: '2026-01-01T00:00:00.000Z',
  mudada: null,
  anterior: null,
  limite: null,
});

describe('permite', () => {
  const fampe = { tipoInteracao: 'contratacao', tipoSolucao: 'garantia-fampe' };
  const outra = { tipoInteracao: 'contratacao', tipoSolucao: 'curso' };
  const login = { tipoInteracao: 'login', tipoSolucao: null };
  it.each<[Permitida[], boolean, boolean, boolean]>([
    [['*'], false, true, true],
    [['contratacao'], false, true, false],
    [['contratacao:garantia-fampe'], true, false, false],
    [['*', 'contratacao:garantia-fampe'], true, true, true],
    [['login'], false, false, true],
    [[], false, false, false],
  ])('%j', (lista, daFampe, deOutra, deLogin) => {
    expect([permite(lista, fampe), permite(lista, outra), permite(lista, login)]).toEqual([daFampe, deOutra, deLogin]);
  });
});

describe('TabelaDeCredenciais', () => {
  const operacao = novoSegredo();
  it('knows the key of operation, and of the others the last record', () => {
    const t = new TabelaDeCredenciais(operacao);
    expect(t.porSegredo(operacao)?.papeis).toEqual(['operacao', 'consulta', 'bi']);
    const chave = chaveDoRegistro('credencial', 'painel');
    expect(t.aplica(chave, json(feita('painel', 'primeira')))).toBe(true);
    expect(t.aplica(chave, json(feita('painel', 'segunda')))).toBe(true);
    expect(t.porSegredo('primeira')).toBeUndefined();
    expect(t.porSegredo('segunda')?.id).toBe('painel');
    expect(t.aplica(chave, null)).toBe(true);
    expect(t.porSegredo('segunda')).toBeUndefined();
  });

  it('of a key changed, both secrets hold until the former one ends', () => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const t = new TabelaDeCredenciais(operacao);
    const chave = chaveDoRegistro('credencial', 'painel');
    const anterior = { hash: hashDoSegredo('velha'), ate: '2026-01-02T00:00:00.000Z' };
    t.aplica(chave, json(feita('painel', 'velha')));
    t.aplica(chave, json({ ...feita('painel', 'nova'), anterior }));
    const quem = () => ['velha', 'nova', 'nenhuma'].map((s) => t.porSegredo(s)?.id);
    expect(quem()).toEqual(['painel', 'painel', undefined]);
    vi.setSystemTime(Date.parse(anterior.ate) - 1);
    expect(quem()).toEqual(['painel', 'painel', undefined]);
    vi.setSystemTime(Date.parse(anterior.ate));
    expect(quem()).toEqual([undefined, 'painel', undefined]);
    vi.setSystemTime(0);
    t.aplica(chave, null);
    expect(quem()).toEqual([undefined, undefined, undefined]);
  });

  it('reads a record written before keys could be changed or limited', () => {
    const t = new TabelaDeCredenciais(operacao);
    const { mudada: _m, anterior: _a, limite: _l, ...antiga } = feita('painel', 'segredo');
    expect(t.aplica(chaveDoRegistro('credencial', 'painel'), json(antiga))).toBe(true);
    expect(t.porSegredo('segredo')).toMatchObject({ id: 'painel', anterior: null, limite: null });
  });

  it('a record that cannot be read lets nobody in', () => {
    const t = new TabelaDeCredenciais(operacao);
    const chave = chaveDoRegistro('credencial', 'painel');
    t.aplica(chave, json(feita('painel', 'segredo')));
    expect(t.aplica(chave, Buffer.from('{"quebrado'))).toBe(false);
    expect(t.porSegredo('segredo')).toBeUndefined();
    expect(t.aplica('outra-coisa', json({}))).toBe(false);
  });
});

describe('resolveChaveOperacao', () => {
  it('takes the variable, else keeps one of its own for its owner alone', () => {
    const home = mkdtempSync(join(tmpdir(), 'atendido-chave-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const dada = 'x'.repeat(32);
    expect(resolveChaveOperacao({ ATENDIDO_HOME: home, ATENDIDO_CHAVE_OPERACAO: dada })).toBe(dada);
    const feita = resolveChaveOperacao({ ATENDIDO_HOME: home });
    expect(feita).toMatch(/^[\w-]{43}$/);
    expect(resolveChaveOperacao({ ATENDIDO_HOME: home })).toBe(feita);
    expect(statSync(join(home, 'chave-operacao.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses to start in production without it, and a weak one', () => {
    const semChave = () => resolveChaveOperacao({ ATENDIDO_MODO: 'producao' });
    expect(semChave).toThrow(expect.objectContaining({ code: 'CHAVE_OPERACAO_OBRIGATORIA' }));
    const fraca = () => resolveChaveOperacao({ ATENDIDO_CHAVE_OPERACAO: 'curta' });
    expect(fraca).toThrow(expect.objectContaining({ code: 'CHAVE_OPERACAO_INVALIDA' }));
  });
});
