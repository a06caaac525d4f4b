import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { ERROS_HTTP } from '#platform/http/erros.ts';

const le = (arquivo: string): string => readFileSync(join(PROJECT_ROOT, arquivo), 'utf8');
const pagina = le('docs/producers.md');

/** The rows of a page's tables that begin with a code, with what they say. */
function explicados(texto: string): Map<string, string> {
  const linhas = texto.matchAll(/^\| ([A-Z]+(?:_[A-Z]+)*) \|(.*)\|$/gm);
  return new Map([...linhas].map(([, codigo = '', resto = '']) => [codigo, resto.split('|').at(-1)?.trim() ?? '']));
}

/** What GitHub makes of a heading's words. */
const ancora = (titulo: string): string =>
  titulo
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** The pages, and parts of pages, that a text links to. */
function ligadas(texto: string): { arquivo: string; parte: string | undefined }[] {
  return [...texto.matchAll(/\]\((\w+\.md)(?:#([\w-]+))?\)/g)].map(([, arquivo = '', parte]) => ({ arquivo, parte }));
}

/** Codes that the sources of a door name. */
function codigosEm(padrao: string, forma: RegExp): string[] {
  const fontes = globSync(padrao, { cwd: PROJECT_ROOT }).filter((f) => !f.includes('.test.'));
  return fontes.flatMap((f) => [...le(f).matchAll(forma)].map(([, codigo = '']) => codigo));
}

test('where the page sends its reader there is such a page, and such a part of it', () => {
  expect(ligadas(pagina).length).toBeGreaterThan(3);
  for (const { arquivo, parte } of ligadas(pagina)) {
    const titulos = [...le(`docs/${arquivo}`).matchAll(/^#+ (.*)$/gm)].map(([, titulo = '']) => ancora(titulo));
    if (parte !== undefined) expect(titulos, arquivo).toContain(parte);
  }
});

test('every code that the doors answer is explained where the page sends its reader', () => {
  expect(ligadas(pagina)).toContainEqual({ arquivo: 'erros.md', parte: 'respostas-http' });
  const erros = explicados(le('docs/erros.md'));
  for (const codigo of Object.keys(ERROS_HTTP)) expect(erros.get(codigo), codigo).toMatch(/\w{3}/);
  // Named in the code of the doors, and in no list of theirs.
  const deOutros = codigosEm(
    'services/ingest/**/*.ts',
    /(?:new ErroHttp|recusa\w*)\((?:[\w.]+, )?'([A-Z]+(?:_[A-Z]+)+)'/g,
  );
  expect(deOutros.length).toBeGreaterThan(10);
  for (const codigo of deOutros) expect(erros.get(codigo), codigo).toMatch(/\w{3}/);
});

test('every reason in the page of xAPI is a code that the door has', () => {
  const doXapi = [...explicados(le('docs/xapi.md')).keys()].filter((linha) => linha.includes('_'));
  expect(doXapi.length).toBeGreaterThan(4);
  for (const codigo of doXapi) expect(Object.keys(ERROS_HTTP)).toContain(codigo);
});

test('every code of the library is explained in the page, or where it sends its reader', () => {
  const explicado = new Map([...explicados(le('docs/erros.md')), ...explicados(pagina)]);
  const daBiblioteca = codigosEm('producer/*.ts', /'([A-Z]{4,}(?:_[A-Z]+)*)'/g).filter((c) => c !== 'POST');
  expect(daBiblioteca).toEqual(expect.arrayContaining(['RESERVA_CHEIA', 'RESPOSTA_INESPERADA', 'SEGREDO_CURTO']));
  for (const codigo of daBiblioteca) expect(explicado.get(codigo), codigo).toMatch(/\w{3}/);
});
