import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { chaveDe, type IngestNoAr, ingestNoAr } from './http-fixture.ts';

const roda = promisify(execFile);
const pagina = readFileSync(join(PROJECT_ROOT, 'docs/producers.md'), 'utf8');
const trecho = (lingua: string): string => pagina.match(new RegExp(`\`\`\`${lingua}\n([^]*?)\`\`\``))?.[1] ?? '';

let ingest: IngestNoAr;
let pasta: string;
beforeAll(async () => {
  ingest = await ingestNoAr();
  pasta = mkdtempSync(join(tmpdir(), 'pagina-'));
});
afterAll(async () => {
  await ingest?.fecha();
  rmSync(pasta, { recursive: true, force: true });
});

/** What a program prints, with the address and a key in its environment. */
async function saida(source: string, programa: string, argumentos: string[]): Promise<string> {
  const env = {
    ...process.env,
    ATENDIDO_URL: ingest.url,
    ATENDIDO_CHAVE: await chaveDe(ingest.url, source),
    RESERVA: join(pasta, 'reserva'),
    RESERVA_SEGREDO: 'um segredo só deste teste',
  };
  return (await roda(programa, argumentos, { env, cwd: PROJECT_ROOT })).stdout;
}
const semPrograma = async (nome: string): Promise<boolean> =>
  roda(nome, ['--version']).then(
    () => false,
    () => true,
  );

test('the curl start is accepted', async ({ skip }) => {
  if (await semPrograma('curl')) skip('there is no curl');
  const texto = await saida('lms-ead', 'bash', ['-c', trecho('bash')]);
  expect(JSON.parse(texto)).toEqual({ id: 'M-1/inicio', estado: 'aceito' });
});

test('the Python start is accepted', async ({ skip }) => {
  if (await semPrograma('python3')) skip('there is no python3');
  const texto = await saida('lms-ead', 'python3', ['-c', trecho('python')]);
  expect(JSON.parse(texto)).toEqual([{ id: 'M-2/inicio', estado: 'aceito' }]);
});

test('the xAPI start is accepted, and what it says to be refused is', async ({ skip }) => {
  if (await semPrograma('curl')) skip('there is no curl');
  const comando = trecho('shell');
  const ids: string[] = JSON.parse(await saida('lms-xapi', 'bash', ['-c', comando]));
  expect(ids.map((id) => id.length)).toEqual([36, 36]);
  const recusado = async (de: string, para: string) => saida('lms-xapi', 'bash', ['-c', comando.replace(de, para)]);
  expect(await recusado('https://sebrae.com.br/cpf', 'https://ead.exemplo.br')).toContain('ATOR_SEM_CPF');
  expect(await recusado('verbs/completed', 'verbs/passed')).toContain('VERBO_NAO_MAPEADO');
});

test('the TypeScript start is the example of an LMS, which is accepted', async () => {
  const arquivo = join(PROJECT_ROOT, 'producer/examples/lms.ts');
  expect(trecho('ts')).toBe(readFileSync(arquivo, 'utf8').replace('#producer/index.ts', 'atendido-producer'));
  const linhas = (await saida('lms-ead', process.execPath, [arquivo])).trim().split('\n');
  expect(linhas.map((l) => JSON.parse(l))).toEqual(
    ['inicio', '25', '50', '75', '100'].map((m) => ({ id: `M-1/${m}`, estado: 'aceito' })),
  );
});

test('the example of a tool is accepted', async () => {
  const texto = await saida('calculadora', process.execPath, [join(PROJECT_ROOT, 'producer/examples/ferramenta.ts')]);
  expect(JSON.parse(texto)).toEqual({ id: 'sessao-42/resultado', estado: 'aceito' });
});
