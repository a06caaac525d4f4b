import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decide } from '#domain/decidir.ts';
import { leEvento } from '#domain/evento.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { portfolioDosCasos } from './carrega.ts';
import { pseudonimo, type Totais, totaisDe } from './totais.ts';

interface Decidido {
  caso: string;
  evento: { id: string };
  esperado: { creditos?: string[] } & Record<string, unknown>;
}
interface Cenario {
  caso: string;
  eventos: unknown[];
  esperado: Partial<Totais>;
}

const aqui = import.meta.dirname;
const linhas = <T>(texto: string): T[] =>
  texto
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l) as T);
const doArquivo = <T>(nome: string): T[] => linhas<T>(readFileSync(join(aqui, nome), 'utf8'));
const decisoes = doArquivo<Decidido>('decisions.ndjson');
const cenarios = doArquivo<Cenario>('scenarios.ndjson');
const rulebooks = await loadRulebooks();
const portfolio = portfolioDosCasos();
const AGORA = Date.now();

const porPrefixo = (creditos: readonly string[]) => creditos.map((c) => c.split(':')[0]).sort();
/** Zeros may be absent. */
const semZeros = (valor: unknown): unknown =>
  typeof valor !== 'object' || valor === null
    ? valor
    : Object.fromEntries(
        Object.entries(valor)
          .map(([k, v]) => [k, semZeros(v)])
          .filter(([, v]) => v !== 0 && JSON.stringify(v) !== '{}'),
      );

describe('as decisões dadas', () => {
  it.each(decisoes.map((d) => [d.caso, d] as const))('%s', (_, { evento, esperado }) => {
    const lido = leEvento(evento, pseudonimo);
    if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
    const decisao = decide({ ...lido, rulebook: rulebooks.em(lido.interacao.time), portfolio, registradaEm: AGORA });
    expect({ ...decisao, creditos: porPrefixo(decisao.creditos) }).toMatchObject(esperado);
  });
});

describe('os cenários dados', () => {
  it.each(cenarios.map((c) => [c.caso, c] as const))('%s', (_, { eventos, esperado }) => {
    const reta = totaisDe(eventos, rulebooks, portfolio, AGORA);
    const inversa = totaisDe([...eventos].reverse(), rulebooks, portfolio, AGORA);
    expect(semZeros(reta)).toMatchObject(semZeros(esperado) as object);
    expect(inversa.indicadores).toEqual(reta.indicadores);
  });
});

describe('os mesmos pela linha de comando', () => {
  const pasta = mkdtempSync(join(tmpdir(), 'atendido-casos-'));
  afterAll(() => rmSync(pasta, { recursive: true }));
  const roda = (comando: string, eventos: readonly unknown[]): string => {
    const arquivo = join(pasta, 'eventos.ndjson');
    writeFileSync(arquivo, eventos.map((e) => `${JSON.stringify(e)}\n`).join(''));
    const args = [comando, arquivo, '--portfolio', join(aqui, 'portfolio.json')];
    const env = { ...process.env, ATENDIDO_HOME: pasta, CLIENT_ID_KEY: 'chave-de-teste-com-mais-de-16' };
    return execFileSync(join(aqui, '..', '..', 'bin', 'atendido'), args, { env, encoding: 'utf8' });
  };

  it('classify, todas de uma vez e em ordem', () => {
    const saida = linhas<Record<string, unknown> & { creditos: string[] }>(
      roda(
        'classify',
        decisoes.map((d) => d.evento),
      ),
    );
    const recebido = saida.map((s) => ({ ...s, creditos: porPrefixo(s.creditos) }));
    expect(recebido).toMatchObject(decisoes.map((d) => ({ id: d.evento.id, ...d.esperado })));
  });

  it('recount, cada cenário', () => {
    for (const { eventos, esperado } of cenarios) {
      expect(semZeros(JSON.parse(roda('recount', eventos)))).toMatchObject(semZeros(esperado) as object);
    }
  });
});
