import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';

const run = promisify(execFile);
const inRepository = (...path: string[]): string => join(PROJECT_ROOT, ...path);
const PACKAGE = 'atendido-producer';
/** What the library says it needs, from this repository's own: nothing is downloaded. */
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(inRepository('producer/package/package.json'), 'utf8'),
);

interface Sent {
  id: string;
  source: string;
  type: string;
  key: string | undefined;
}

let door: Server;
/** What the door was sent; it takes everything. */
const sent: Sent[] = [];
let folder: string;

function opensDoor(): Server {
  return createServer(async (request, response) => {
    const events = (await json(request)) as Omit<Sent, 'key'>[];
    const key = request.headers.authorization;
    sent.push(...events.map(({ id, source, type }) => ({ id, source, type, key })));
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(JSON.stringify(events.map(({ id }) => ({ id, estado: 'aceito' }))));
  }).listen(0, '127.0.0.1');
}

/** An empty folder with the library installed as a system installs it: packed, and by npm. */
beforeAll(async () => {
  door = opensDoor();
  await once(door, 'listening');
  folder = mkdtempSync(join(tmpdir(), 'atendido-pacote-'));
  await run('npm', ['pack', inRepository('producer/package'), '--pack-destination', folder], { cwd: folder });
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  const needed = Object.keys({ ...dependencies, ...peerDependencies }).map((name) =>
    inRepository('node_modules', name),
  );
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  await run('npm', ['install', ...offline, join(folder, packed), ...needed], { cwd: folder });
}, 120_000);
afterAll(() => {
  door?.close();
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

const MOMENTS = ['inicio', '25', '50', '75', '100'];

test('the examples of a tool and of an LMS run with it', async () => {
  const { port } = door.address() as AddressInfo;
  const env = { ATENDIDO_URL: `http://127.0.0.1:${port}/`, ATENDIDO_CHAVE: 'a chave' };
  const tool = join(folder, 'ferramenta.mjs');
  // No TypeScript stands in it: plain Node takes it as it is.
  copyFileSync(join(folder, example('ferramenta.ts')), tool);
  expect(await output(tool, env)).toEqual([{ id: 'sessao-42/resultado', estado: 'aceito' }]);
  const reserve = { RESERVA: join(folder, 'reserva'), RESERVA_SEGREDO: 'um segredo só deste teste' };
  expect(await output(example('lms.ts'), { ...env, ...reserve })).toEqual(
    MOMENTS.map((moment) => ({ id: `M-1/${moment}`, estado: 'aceito' })),
  );
  const type = 'br.com.sebrae.interacao.momento-digital';
  const key = 'Bearer a chave';
  expect(sent).toEqual([
    { id: 'sessao-42/resultado', source: 'calculadora', type, key },
    ...MOMENTS.map((moment) => ({ id: `M-1/${moment}`, source: 'lms-ead', type, key })),
  ]);
}, 60_000);

test('straight to Kafka: all of it came along', async () => {
  expect(readdirSync(join(folder, 'node_modules', PACKAGE, 'dist/schemas'))).toContain('Interacao.avsc');
  writeFileSync(
    join(folder, 'direto.mjs'),
    `import { connectRegistry, createKafka, transporteKafka } from '${PACKAGE}/kafka';
     for (const client of ['platformatic', 'kafkajs']) {
       const kafka = createKafka({ brokers: ['127.0.0.1:9'], clientId: 'lms', client });
       const registry = connectRegistry('http://127.0.0.1:9');
       const chave = { kafka, registry, clientIdKey: 'uma chave deste teste' };
       await transporteKafka(chave).catch((error) => console.log(JSON.stringify(error.name)));
     }`,
  );
  // Nobody is there: as far as that, it works.
  expect(await output('direto.mjs', {})).toEqual(['RetryableError', 'RetryableError']);
}, 60_000);

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
}, 60_000);
