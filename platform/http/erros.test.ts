import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECUSAS } from '../../services/cli/importacao/recusas.ts';
import { PROJECT_ROOT } from '../config-home.ts';
import { ERROS_HTTP, ErroHttp, problemaDe } from './erros.ts';

const pagina = readFileSync(join(PROJECT_ROOT, 'docs/erros.md'), 'utf8');
const linhas = [...pagina.matchAll(/^\| ([A-Z_]{4,}) \|(.*)\|$/gm)].map((m) => ({
  codigo: m[1] ?? '',
  celulas: (m[2] ?? '').split('|').map((c) => c.trim()),
}));
const doHttp = linhas.filter((l) => l.celulas.length === 3);
const daImportacao = linhas.filter((l) => l.celulas.length === 1);
const dosComandos = linhas.filter((l) => l.celulas.length === 2);

// A message that begins with an environment variable is about it.
const COM_CODIGO = /new CodedError\(\s*'([A-Z_]+)'|readonly code = '([A-Z_]+)'|['"`](?!ATENDIDO_)([A-Z_]{4,}): /g;

/** Every code that the sources give to a CodedError, declare on an error class, or write in front of a message. */
function codigosDoFonte(): Set<string> {
  const arquivos = globSync('{domain,platform,services,producer,infra}/**/*.ts', { cwd: PROJECT_ROOT });
  const achados = new Set<string>();
  for (const arquivo of arquivos.filter((a) => !a.endsWith('.test.ts'))) {
    const fonte = readFileSync(join(PROJECT_ROOT, arquivo), 'utf8');
    for (const m of fonte.matchAll(COM_CODIGO)) {
      achados.add(m[1] ?? m[2] ?? m[3] ?? '');
    }
  }
  return achados;
}

describe('docs/erros.md', () => {
  it('has every code of HTTP answers, with its status and title, and no other', () => {
    const daPagina = doHttp.map(({ codigo, celulas: [status, title] }) => [codigo, Number(status), title]);
    expect(daPagina).toEqual(Object.entries(ERROS_HTTP).map(([codigo, e]) => [codigo, e.status, e.title]));
  });

  it('has every code of the command line and of the services, and no other', () => {
    const daPagina = dosComandos.map((l) => l.codigo);
    const doFonte = [...codigosDoFonte()].filter((c) => !Object.hasOwn(ERROS_HTTP, c));
    expect(daPagina).toEqual(doFonte.sort());
  });

  it('has every code of a line that an import refuses, with what to do, and no other', () => {
    const daPagina = daImportacao.map(({ codigo, celulas: [saida] }) => [codigo, saida]);
    expect(daPagina).toEqual(Object.entries(RECUSAS));
  });

  it('says of each what to do', () => {
    for (const { codigo, celulas } of linhas) expect(celulas.at(-1), codigo).toMatch(/\w{3}/);
  });
});

describe('problemaDe', () => {
  it('hides whatever looks like a CPF', () => {
    const erros = [{ campo: 'data.52998224725', mensagem: 'não é 529.982.247-25' }];
    const texto = JSON.stringify(problemaDe(new ErroHttp('ESQUEMA_INVALIDO', 'o 52998224725 sobrou', { erros })));
    expect(texto).not.toMatch(/529\.?982/);
    expect(texto).toContain('data.***');
  });
});
