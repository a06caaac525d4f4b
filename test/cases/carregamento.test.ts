import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRulebooks, PASTA_DE_RULEBOOKS } from '#platform/rulebooks.ts';

describe('os arquivos do rulebook', () => {
  const original = join(PASTA_DE_RULEBOOKS, '2024-1.yaml');
  let pasta = '';
  beforeEach(() => {
    pasta = mkdtempSync(join(tmpdir(), 'atendido-rulebooks-'));
  });
  afterEach(() => rmSync(pasta, { recursive: true }));
  const poe = (nome: string, yaml: string) => writeFileSync(join(pasta, nome), yaml);

  it('todos os erros de todos os arquivos são ditos de uma vez, cada um com seu caminho', async () => {
    const yaml = readFileSync(original, 'utf8');
    poe(
      'a.yaml',
      yaml.replace('toleranciaFuturoMin: 5', 'toleranciaFuturoMin: -5').replace('  app: a-distancia', '  app: longe'),
    );
    poe('b.yaml', yaml.replace('somenteTipos: [curso,', 'somenteTipos: [cursinho,'));
    poe('c.yaml', 'versao: [');
    const erro = await loadRulebooks(pasta).catch((e: unknown) => e);
    expect(erro).toMatchObject({ code: 'RULEBOOK_INVALIDO' });
    const linhas = String((erro as Error).message).split('\n');
    for (const parte of [
      'a.yaml: toleranciaFuturoMin: ',
      'a.yaml: canais.app: ',
      'b.yaml: indicadores.atendidos-por-capacitacao.somenteTipos.0: ',
      'c.yaml: não é YAML: ',
    ]) {
      expect(linhas.filter((l) => l.includes(parte))).toHaveLength(1);
    }
  });

  it('uma chave escrita duas vezes é um erro, não a última das duas', async () => {
    poe(
      'a.yaml',
      readFileSync(original, 'utf8').replace('janelaTardiaDias: 30', 'janelaTardiaDias: 30\njanelaTardiaDias: 60'),
    );
    await expect(loadRulebooks(pasta)).rejects.toMatchObject({ code: 'RULEBOOK_INVALIDO' });
  });

  it('uma cópia em que se esqueceu de mudar o nome e a data é um erro', async () => {
    cpSync(original, join(pasta, '2024-1.yaml'));
    cpSync(original, join(pasta, '2027-1.yaml'));
    const erro = await loadRulebooks(pasta).catch((e: unknown) => e);
    expect((erro as Error).message).toBe("duas versões se chamam '2024-1'\nduas versões começam em 2024-01-01");
  });

  it('pasta vazia é um erro; outras coisas nela são deixadas de lado', async () => {
    poe('leia-me.txt', 'nada');
    await expect(loadRulebooks(pasta)).rejects.toMatchObject({ code: 'RULEBOOK_INVALIDO' });
    cpSync(original, join(pasta, '2024-1.yaml'));
    expect((await loadRulebooks(pasta)).todos().map((r) => r.versao)).toEqual(['2024-1']);
  });
});
