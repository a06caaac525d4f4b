import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { atendido } from '../../../test/integration/comando.ts';

let pasta: string;
let servidor: Server | null = null;
let comando: ReturnType<typeof atendido> | null = null;
beforeAll(() => {
  pasta = mkdtempSync(join(tmpdir(), 'atendido-interrompida-'));
});
afterEach(() => {
  comando?.processo.kill('SIGKILL');
  servidor?.closeAllConnections();
  servidor?.close();
});
afterAll(() => rmSync(pasta, { recursive: true, force: true }));

/** An api that answers so, or not at all, and when it is first asked. */
async function api(responde: (resposta: ServerResponse) => void) {
  const pedida = Promise.withResolvers<void>();
  servidor = createServer((_pedido, resposta) => {
    responde(resposta);
    pedida.resolve();
  });
  await new Promise<void>((resolve) => servidor?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(servidor.address() as AddressInfo).port}`, pedida: pedida.promise };
}

const CHAVE = { ATENDIDO_CHAVE: 'x' };
const cheia = (resposta: ServerResponse) => resposta.writeHead(503, { 'retry-after': '60' }).end();
const calada = () => undefined;

test.each<[string, (resposta: ServerResponse) => void, Record<string, string>]>([
  ['asks it to wait', cheia, CHAVE],
  ['does not answer', calada, CHAVE],
  ['does not make it a key', calada, {}],
])('Ctrl-C ends an import at once whose door %s, and it can go on', async (_oque, responde, chave) => {
  const { url, pedida } = await api(responde);
  const casa = mkdtempSync(join(pasta, 'casa-'));
  const arquivo = join(casa, 'a.ndjson');
  writeFileSync(arquivo, '{"id":"1"}\n');
  const env = { PATH: process.env.PATH, ATENDIDO_HOME: casa, ATENDIDO_API_URL: url, ...chave };
  comando = atendido(['import', arquivo, '--source', 'crm'], env);
  const { processo, fim } = comando;
  await Promise.race([pedida, fim]);
  const antes = performance.now();
  processo.kill('SIGINT');
  expect(await fim).toMatchObject({ codigo: 130, erros: expect.stringContaining('INTERROMPIDO') });
  expect(performance.now() - antes).toBeLessThan(5_000);
  expect(readdirSync(join(casa, 'importacoes')).filter((nome) => nome.endsWith('.json'))).toHaveLength(1);
});
