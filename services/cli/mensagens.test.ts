import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { naoGravado } from './exportacao/saida.ts';
import { abreArquivo } from './importacao/arquivo.ts';
import type { Importacao } from './importacao/importa.ts';
import { carregaMapa } from './importacao/mapa.ts';
import { textoDaImportacao, textoDoEnsaio } from './importacao/texto.ts';
import { carregaRulebook, leDocumento, preparaOffline } from './offline.ts';

const pasta = mkdtempSync(join(tmpdir(), 'atendido-mensagens-'));
afterAll(() => rmSync(pasta, { recursive: true, force: true }));
vi.stubEnv('CLIENT_ID_KEY', 'chave');

const texto = join(pasta, 'texto.txt');
writeFileSync(texto, '"nada disto"');

it('do que está errado no todo não se diz um caminho vazio, e quem o deu pediu mal: 2', async () => {
  const recusas = await Promise.all(
    [carregaRulebook(texto), preparaOffline({ rulebook: texto }), preparaOffline({ portfolio: texto })].map((feito) =>
      feito.catch((e: Error) => e),
    ),
  );
  for (const recusa of recusas) {
    expect(recusa).toMatchObject({ exitCode: 2, message: expect.stringMatching(/texto\.txt:\s(?!: )/) });
    expect(recusa).toMatchObject({ message: expect.not.stringMatching(/^: |: : /m) });
  }
});

it('por que um arquivo não serve se diz em português', async () => {
  const falta = join(pasta, 'nao-ha');
  const lendo = [leDocumento(falta), abreArquivo(falta), carregaMapa(falta), preparaOffline({ rulebook: falta })];
  for (const feito of lendo) await expect(feito).rejects.toThrow(`${falta}: não consegui ler (não existe (ENOENT))`);
  await expect(leDocumento(pasta)).rejects.toThrow('(é uma pasta (EISDIR))');
  const cheio = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  expect(() => naoGravado('x', cheio)).toThrow('x: não consegui gravar (não há mais espaço no disco (ENOSPC))');
});

it('uma linha é uma, no singular', () => {
  const importacao = (aceitas: number, recusada: number) =>
    ({
      estado: { aceitas, recusadas: { CPF_INVALIDO: recusada }, relatorio: { bytes: 0 }, fim: null },
      jaFeita: false,
    }) as unknown as Importacao;
  expect(textoDaImportacao(importacao(1, 1))).toMatch(/^1 linha aceita, 1 recusada\./);
  expect(textoDaImportacao(importacao(2, 0))).toMatch(/^2 linhas aceitas, 0 recusadas\./);
  const ensaio = { linhas: 1, aceitas: 1, recusadas: {}, copias: 0, idsRepetidos: 0, todosOsIds: true };
  expect(textoDoEnsaio(ensaio as Parameters<typeof textoDoEnsaio>[0])).toMatch(
    /^1 linha: 1 seria aceita, 0 recusadas\./,
  );
});
