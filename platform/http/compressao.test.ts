import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { Readiness } from '../readiness.ts';
import { aceitaCompressao } from './compressao.ts';
import { criaServidor } from './servidor.ts';

const LIMITE = 100_000;
const texto = Buffer.from(JSON.stringify({ texto: 'ação '.repeat(1_000) }));

const fechamentos: (() => unknown)[] = [];
afterEach(async () => {
  for (const fecha of fechamentos.splice(0)) await fecha();
});

async function noAr() {
  const opcoes = { log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry() };
  const app = criaServidor({ ...opcoes, bodyLimit: LIMITE });
  aceitaCompressao(app);
  app.post('/eco', async (request) => request.body);
  fechamentos.push(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function manda(url: string, codificacao: string, corpo: Buffer, tipo = 'application/json') {
  const resposta = await fetch(`${url}/eco`, {
    method: 'POST',
    headers: { 'content-type': tipo, 'content-encoding': codificacao },
    body: new Uint8Array(corpo),
  });
  return { status: resposta.status, corpo: await resposta.json(), aceita: resposta.headers.get('accept-encoding') };
}

const bomba = Buffer.alloc(100 * LIMITE, ' ');
const janelaEnorme = zstdCompressSync(Buffer.alloc(20_000_000, 'abc'), {
  params: { [constants.ZSTD_c_windowLog]: 26, [constants.ZSTD_c_compressionLevel]: 1 },
});

describe('aceitaCompressao', () => {
  it.each([
    ['gzip', gzipSync(texto)],
    ['X-GZIP', gzipSync(texto)],
    ['zstd', zstdCompressSync(texto)],
    ['gzip', Buffer.concat([gzipSync(texto.subarray(0, 50)), gzipSync(texto.subarray(50))])],
    ['identity', texto],
  ])('opens %s', async (codificacao, corpo) => {
    expect(await manda(await noAr(), codificacao, corpo)).toMatchObject({ status: 200, corpo: JSON.parse(`${texto}`) });
  });

  it.each([
    ['gzip', 'cut short', gzipSync(texto).subarray(0, -5), 400, 'COMPRESSAO_INVALIDA'],
    ['zstd', 'cut short', zstdCompressSync(texto).subarray(0, -5), 400, 'COMPRESSAO_INVALIDA'],
    ['gzip', 'something else', texto, 400, 'COMPRESSAO_INVALIDA'],
    ['zstd', 'something else', texto, 400, 'COMPRESSAO_INVALIDA'],
    ['gzip', 'empty', Buffer.alloc(0), 400, 'COMPRESSAO_INVALIDA'],
    [
      'zstd',
      'two frames',
      Buffer.concat([zstdCompressSync(texto), zstdCompressSync(texto)]),
      400,
      'COMPRESSAO_INVALIDA',
    ],
    ['zstd', 'a window of 64 MiB', janelaEnorme, 400, 'COMPRESSAO_INVALIDA'],
    ['gzip', 'a bomb', gzipSync(bomba), 413, 'CORPO_GRANDE_DEMAIS'],
    ['zstd', 'a bomb', zstdCompressSync(bomba), 413, 'CORPO_GRANDE_DEMAIS'],
    ['br', 'an encoding unknown', texto, 415, 'CODIFICACAO_INVALIDA'],
    ['gzip, zstd', 'two encodings', texto, 415, 'CODIFICACAO_INVALIDA'],
    ['constructor', 'an encoding of no kind', texto, 415, 'CODIFICACAO_INVALIDA'],
  ])('refuses %s: %s', async (codificacao, _oque, corpo, status, codigo) => {
    expect(await manda(await noAr(), codificacao, corpo)).toMatchObject({ status, corpo: { codigo } });
  });

  it('says which encodings it takes', async () => {
    expect(await manda(await noAr(), 'br', texto)).toMatchObject({ aceita: 'gzip, zstd' });
  });

  it('a body that nobody reads does not end the process', async () => {
    const url = await noAr();
    expect(await manda(url, 'gzip', texto, 'text/xml')).toMatchObject({ status: 415 });
    expect(await manda(url, 'zstd', texto, 'text/xml')).toMatchObject({ status: 415 });
    expect(await manda(url, 'gzip', gzipSync(texto))).toMatchObject({ status: 200 });
  });
});
