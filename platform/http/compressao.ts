import { type Readable, Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { ErroHttp } from './erros.ts';
import type { Servidor } from './servidor.ts';

const PEDACO = 65_536;
/** 8 MiB, what RFC 8878 asks every reader to take: a frame may ask for gigabytes. */
const MAIOR_JANELA_LOG2 = 23;
export const JANELA_DE_ZSTD = 2 ** MAIOR_JANELA_LOG2;

type Abridor = Gunzip | ZstdDecompress;

const abreGzip = (): Abridor => createGunzip({ chunkSize: PEDACO });
const abreZstd = (): Abridor =>
  createZstdDecompress({ chunkSize: PEDACO, params: { [constants.ZSTD_d_windowLogMax]: MAIOR_JANELA_LOG2 } });

const ABRE: Readonly<Record<string, () => Abridor>> = { gzip: abreGzip, 'x-gzip': abreGzip, zstd: abreZstd };
export const CODIFICACOES = ['gzip', 'zstd'] as const;

/** Lower case; `identity` where the body is as it is. */
export function codificacaoDe(header: string | undefined): string {
  return header?.trim().toLowerCase() || 'identity';
}

/** Whether the error is that of a body which is not what its Content-Encoding says, or is cut short. */
export function erroDeCompressao(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
}

/**
 * What `fechado` opens to. Node opens the first of several zstd frames and passes over the rest without a word: where
 * not every byte was used, what came out is not what was sent.
 */
function abrindo(fechado: Readable, motor: Abridor): Transform {
  const aberto = Object.assign(
    new Transform({
      transform: (pedaco, _codificacao, pronto) => pronto(null, pedaco),
      flush: (pronto) => {
        const inteiro = motor.bytesWritten === aberto.receivedEncodedLength;
        pronto(inteiro ? null : new ErroHttp('COMPRESSAO_INVALIDA', 'o corpo zstd tem de ser um quadro só'));
      },
      destroy: (error, pronto) => {
        motor.destroy();
        pronto(error);
      },
    }),
    { receivedEncodedLength: 0 },
  );
  fechado.on('data', (pedaco: Buffer) => {
    aberto.receivedEncodedLength += pedaco.length;
  });
  fechado.once('error', (error) => aberto.destroy(error));
  motor.once('error', (error) => aberto.destroy(error));
  // Nobody may be reading yet, or any more.
  aberto.on('error', () => undefined);
  fechado.pipe(motor).pipe(aberto);
  return aberto;
}

/**
 * Takes bodies that come as gzip or zstd. Limits are held against what they open to, as it opens: nothing is read past
 * them. Any other Content-Encoding is 415.
 */
export function aceitaCompressao(app: Servidor): void {
  app.addHook('preParsing', async (request, reply, corpo) => {
    const codificacao = codificacaoDe(request.headers['content-encoding']);
    if (codificacao === 'identity') return corpo;
    const abre = Object.hasOwn(ABRE, codificacao) ? ABRE[codificacao] : undefined;
    if (abre === undefined) {
      reply.header('accept-encoding', CODIFICACOES.join(', '));
      throw new ErroHttp('CODIFICACAO_INVALIDA', `Content-Encoding: aceita-se ${CODIFICACOES.join(' ou ')}, uma só`);
    }
    const aberto = abrindo(corpo as Readable, abre());
    // Answered before its end, it would go on opening for nobody.
    reply.raw.once('close', () => aberto.destroy());
    return aberto;
  });
}
