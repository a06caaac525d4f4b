import { ErroHttp } from './erros.ts';
import type { Servidor } from './servidor.ts';

/** Seconds. */
const ESPERA = 1;

/**
 * Holds the bodies under way to `maximo` bytes in all: memory is bounded however many callers come at once. A body that
 * does not say its size is taken for `semTamanho` bytes.
 */
export function limitaVazao(app: Servidor, maximo: number, semTamanho: number): void {
  let emAndamento = 0;
  app.addHook('onRequest', async (request, reply) => {
    const { 'content-length': tamanho, 'transfer-encoding': partes } = request.headers;
    const bytes = Number(tamanho ?? (partes === undefined ? 0 : semTamanho));
    if (bytes === 0) return;
    // The first alone is let through, whatever its size: its own limit is for the parser to hold.
    if (emAndamento > 0 && emAndamento + bytes > maximo) {
      const detail = 'há dados demais em andamento; envie de novo em instantes';
      throw new ErroHttp('MUITAS_REQUISICOES', detail, { retryAfter: ESPERA });
    }
    emAndamento += bytes;
    // Also where the caller goes away before the answer.
    reply.raw.once('close', () => {
      emAndamento -= bytes;
    });
  });
}
