import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { CHAVE_DO_CPF, chaveDe, type IngestNoAr, ingestNoAr } from './http-fixture.ts';

const run = promisify(execFile);
const inRepository = (...path: string[]): string => join(PROJECT_ROOT, ...path);
const PACKAGE = 'atendido-producer';
/** What the library says it needs, from this repository's own: nothing is downloaded. */
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(inRepository('producer/package/package.json'), 'utf8'),
);

let ingest: IngestNoAr;
let folder: string;

/** An empty folder with the library installed as a system installs it: packed, and by npm. */
beforeAll(async () => {
  ingest = await ingestNoAr();
  folder = mkdtempSync(join(tmpdir(), 'atendido-pacote-'));
  await run('npm', ['pack', inRepository('producer/package'), '--pack-destination', folder], { cwd: folder });
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  const needed = Object.keys({ ...dependencies, ...peerDependencies }).map((name) =>
    inRepository('node_modules', name),
  );
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  await run('npm', ['install', ...offline, join(folder, packed), ...needed], { cwd: folder });
});
afterAll(async () => {
  await ingest?.fecha();
  rmSync(folder, { recursive: true, force: true });
});

/** One of the examples, as a file of the folder: all that changes is where the library comes from. */
function example(name: string): string {
  const text = readFileSync(inRepository('producer/examples', name), 'utf8');
  writeFileSync(join(folder, name), text.replace('#producer/index.ts', PACKAGE));
  return name;
}

async function output(file: string, env: Record<string, string>): Promise<unknown[]> {
  const { stdout } = await run(process.execPath, [file], { cwd: folder, env: { ...process.env, ...env } });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('installed outside of the repository it is JavaScript, its types, and nothing of the repository besides', () => {
  const installed = join(folder, 'node_modules', PACKAGE);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  expect(sources).toEqual([]);
  expect(files.filter((name) => /test|services|infra|build\.mjs/.test(name))).toEqual([]);
  for (const name of files.filter((file) => file.endsWith('.js'))) {
    expect(readFileSync(join(installed, name), 'utf8')).not.toMatch(/from ["'](#|\.\.\/\.\.)/);
  }
});

test('the examples of a tool and of an LMS run with it, by HTTP', async () => {
  const env = async (source: string) => ({
    ATENDIDO_URL: ingest.url,
    ATENDIDO_CHAVE: await chaveDe(ingest.url, source),
  });
  const tool = join(folder, 'ferramenta.mjs');
  // No TypeScript stands in it: plain Node takes it as it is.
  copyFileSync(join(folder, example('ferramenta.ts')), tool);
  expect(await output(tool, await env('calculadora'))).toEqual([{ id: 'sessao-42/resultado', estado: 'aceito' }]);
  const reserve = { RESERVA: join(folder, 'reserva'), RESERVA_SEGREDO: 'um segredo só deste teste' };
  const lms = await output(example('lms.ts'), { ...(await env('lms-ead')), ...reserve });
  expect(lms).toHaveLength(5);
  expect(lms).toContainEqual({ id: 'M-1/inicio', estado: 'aceito' });
});

test('straight to Kafka', async () => {
  writeFileSync(
    join(folder, 'direto.mjs'),
    `import { Produtor } from '${PACKAGE}';
     import { connectRegistry, createKafka, transporteKafka } from '${PACKAGE}/kafka';
     const kafka = createKafka({ brokers: process.env.BROKERS.split(','), clientId: 'lms' });
     const registry = connectRegistry(process.env.REGISTRO);
     const transporte = await transporteKafka({ kafka, registry, clientIdKey: process.env.CLIENT_ID_KEY });
     const produtor = new Produtor({ source: 'lms-direto', transporte });
     const evento = { tipo: 'login', id: 'l-1', time: new Date(), data: { unidade: 'SP' } };
     console.log(JSON.stringify(await produtor.send(evento)));
     await transporte.fecha();`,
  );
  const env = { BROKERS: inject('kafkaBrokers'), REGISTRO: inject('registryUrl'), CLIENT_ID_KEY: CHAVE_DO_CPF };
  expect(await output('direto.mjs', env)).toEqual([{ id: 'l-1', estado: 'aceito' }]);
});

test('its types tell a wrong event from a right one', async () => {
  const check = async (file: string) => {
    const options = ['--noEmit', '--module', 'nodenext', '--target', 'es2024', '--strict', '--types', 'node'];
    const roots = ['--typeRoots', inRepository('node_modules/@types')];
    const tsc = inRepository('node_modules/typescript/bin/tsc');
    return run(process.execPath, [tsc, ...options, ...roots, file], { cwd: folder }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  };
  expect(await check(example('lms.ts'))).toBe('');
  const wrong = readFileSync(join(folder, 'lms.ts'), 'utf8').replace("unidade: 'SP'", 'unidade: 7');
  writeFileSync(join(folder, 'errado.ts'), wrong);
  expect(await check('errado.ts')).toContain("Type 'number' is not assignable to type 'string'");
});
