import type { FastifyRequest } from 'fastify';
import { ErroHttp } from './erros.ts';
import type { Servidor } from './servidor.ts';

/** Seconds. */
const ESPERA = 1;
/** Bytes that a request takes beside its body: sockets, headers, what waits for its answer. */
const DE_CADA_UMA = 16_384;

/**
 * Holds the requests with a body under way to `maximo` bytes in all: memory is bounded however many callers come at
 * once, and however slow Kafka is.
 * @param pesoDe the bytes that the body of a request may come to take in memory
 */
export function limitaVazao(
  app: Servidor,
  maximo: number,
  pesoDe: (headers: FastifyRequest['headers']) => number,
): void {
  let emAndamento = 0;
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return;
    const bytes = DE_CADA_UMA + pesoDe(headers);
    if (emAndamento + bytes > maximo) {
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
