import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as getInClear } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { certificadoDeTeste } from '#platform/http/certificado-de-teste.ts';

let pasta: string;
beforeEach(() => {
  pasta = mkdtempSync(join(tmpdir(), 'atendido-partida-'));
});
afterEach(() => rmSync(pasta, { recursive: true, force: true }));

/** A service as it is started, with servers that are not there: it answers for its health all the same. */
function sobe(servico: string, tls: Record<string, string>) {
  const processo = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(PROJECT_ROOT, 'services', servico, 'main.ts')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...tls,
        ...{
          KAFKA_BROKERS: '127.0.0.1:9',
          SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
          REDIS_URL: 'redis://127.0.0.1:9',
        },
        ...{ ATENDIDO_HOME: pasta, CLIENT_ID_KEY: 'uma chave deste teste', PORT: '0', LOG_LEVEL: 'info' },
        ATENDIDO_CHAVE_OPERACAO: 'chave de operação deste teste, de mais de 32 caracteres',
      },
    },
  );
  onTestFinished(async () => {
    if (processo.exitCode !== null) return;
    processo.kill('SIGKILL');
    await once(processo, 'exit');
  });
  return processo;
}

/** Where it listens, as its log says. */
async function endereco(processo: ReturnType<typeof sobe>): Promise<URL> {
  for await (const linha of createInterface({ input: processo.stdout })) {
    const [achado] = /https?:\/\/127\.0\.0\.1:\d+/.exec(linha) ?? [];
    if (achado !== undefined) return new URL(achado);
  }
  throw new Error(`${processo.spawnargs} ended`);
}

async function status(pedido: ReturnType<typeof get>): Promise<number | undefined> {
  const [resposta] = await once(pedido, 'response');
  resposta.resume();
  return resposta.statusCode;
}

it.each(['api', 'ingest'])('%s starts with TLS of its own, and in clear answers nobody', async (servico) => {
  const { cert, key } = certificadoDeTeste();
  const arquivos = { ATENDIDO_TLS_CERT: join(pasta, 'cert.pem'), ATENDIDO_TLS_CHAVE: join(pasta, 'key.pem') };
  writeFileSync(arquivos.ATENDIDO_TLS_CERT, cert);
  writeFileSync(arquivos.ATENDIDO_TLS_CHAVE, key);
  const { protocol, port } = await endereco(sobe(servico, arquivos));
  expect(protocol).toBe('https:');
  const vivo = { host: '127.0.0.1', port, path: '/saude/vivo', agent: false } as const;
  expect(await status(get({ ...vivo, ca: cert }))).toBe(200);
  await expect(status(get(vivo))).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await expect(status(getInClear(vivo))).rejects.toThrow();
});

it.each(['api', 'ingest'])('%s does not start with files that are no pair', async (servico) => {
  const arquivos = { ATENDIDO_TLS_CERT: join(pasta, 'cert.pem'), ATENDIDO_TLS_CHAVE: join(pasta, 'key.pem') };
  writeFileSync(arquivos.ATENDIDO_TLS_CERT, certificadoDeTeste().cert);
  writeFileSync(arquivos.ATENDIDO_TLS_CHAVE, certificadoDeTeste().key);
  const processo = sobe(servico, arquivos);
  let log = '';
  processo.stdout.on('data', (texto) => {
    log += texto;
  });
  const [codigo] = await once(processo, 'close');
  expect(codigo).toBe(1);
  expect(log).toContain('TLS_INVALIDO');
});
