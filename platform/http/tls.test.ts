import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Readiness } from '../readiness.ts';
import { certificadoDeTeste } from './certificado-de-teste.ts';
import { criaServidor, registraSaude } from './servidor.ts';
import { leTls } from './tls.ts';

let pasta: string;
beforeEach(() => {
  pasta = mkdtempSync(join(tmpdir(), 'atendido-tls-'));
});
afterEach(() => rmSync(pasta, { recursive: true }));

function arquivos(cert: string, key: string) {
  const nomes = { cert: join(pasta, 'cert.pem'), key: join(pasta, 'key.pem') };
  writeFileSync(nomes.cert, cert);
  writeFileSync(nomes.key, key);
  return nomes;
}

async function servidorCom(tls: ReturnType<typeof leTls>): Promise<number> {
  const opcoes = { log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry(), tls };
  const app = criaServidor({ ...opcoes, bodyLimit: 1_000 });
  registraSaude(app, { ...opcoes, bodyLimit: 1_000 });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return (app.server.address() as AddressInfo).port;
}

/** The status and the version of TLS. @throws where the certificate is not `ca`'s */
function pede(port: number, ca?: string): Promise<[number | undefined, string | null]> {
  return new Promise((resolve, reject) => {
    const pedido = request({ host: '127.0.0.1', port, path: '/saude/vivo', ca, agent: false }, (resposta) => {
      const { socket } = resposta as unknown as { socket: { getProtocol(): string | null } };
      const protocolo = socket.getProtocol();
      resposta.resume().on('end', () => resolve([resposta.statusCode, protocolo]));
    });
    pedido.on('error', reject).end();
  });
}

describe('TLS in process', () => {
  it('answers whoever trusts the certificate, and in clear nobody', async () => {
    const { cert, key } = certificadoDeTeste();
    const port = await servidorCom(leTls(arquivos(cert, key)));
    expect(await pede(port, cert)).toEqual([200, 'TLSv1.3']);
    await expect(pede(port)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await expect(pede(port, certificadoDeTeste().cert)).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/saude/vivo`)).rejects.toThrow();
  });

  it('without files: HTTP', async () => {
    const port = await servidorCom(leTls(null));
    expect((await fetch(`http://127.0.0.1:${port}/saude/vivo`)).status).toBe(200);
  });

  it('refuses to start with files that cannot be read, or do not belong together', () => {
    const { cert, key } = certificadoDeTeste();
    const invalido = expect.objectContaining({ code: 'TLS_INVALIDO' });
    expect(() => leTls({ cert: join(pasta, 'nada'), key: join(pasta, 'nada') })).toThrow(invalido);
    expect(() => leTls(arquivos('isto não é PEM', key))).toThrow(invalido);
    expect(() => leTls(arquivos(cert, certificadoDeTeste().key))).toThrow(invalido);
  });
});
