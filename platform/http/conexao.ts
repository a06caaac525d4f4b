import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ErroHttp, PROBLEMA, problemaDe } from './erros.ts';

/** Milliseconds for a whole request to arrive. */
export const PRAZO_DO_CORPO_MS = 60_000;
/** Milliseconds without a byte either way. */
const SILENCIO_MS = 60_000;
/** Milliseconds that what is left of a body answered early goes on being read: cut at once, the answer would be lost. */
const ESCOA_MS = 10_000;

const emFluxo = new WeakSet<Socket>();
const semPrazo = new WeakSet<IncomingMessage>();

/** The body of this request may take as long as it likes, as long as it goes on. */
export function deixaCorrer(request: IncomingMessage): void {
  semPrazo.add(request);
  emFluxo.add(request.socket);
  request.socket.setTimeout(SILENCIO_MS);
}

/** Whether a request's body may take as long as it likes. */
export const corre = (request: IncomingMessage): boolean => semPrazo.has(request);

/** Reads what is left of a body that was answered before its end, and forgets it. */
export function escoa(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.resume();
  const prazo = setTimeout(() => request.destroy(), ESCOA_MS).unref();
  request.once('close', () => clearTimeout(prazo));
}

function erroDe(code: string | undefined): ErroHttp {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ErroHttp('CORPO_DEMORADO', `a requisição não chegou inteira em ${PRAZO_DO_CORPO_MS / 1_000} segundos`);
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ErroHttp('CABECALHOS_GRANDES_DEMAIS', 'os cabeçalhos passam do que o servidor lê');
  }
  return new ErroHttp('REQUISICAO_INVALIDA', 'a requisição HTTP está malformada');
}

/** What is no HTTP, or too slow to be: answered as every other error is, and the connection closed. */
export function erroDeConexao(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && emFluxo.has(socket)) return;
  const problema = problemaDe(erroDe(error.code));
  const corpo = JSON.stringify(problema);
  if (socket.writable) {
    const cabeca = [
      `HTTP/1.1 ${problema.status} ${problema.codigo}`,
      `content-type: ${PROBLEMA}`,
      `content-length: ${Buffer.byteLength(corpo)}`,
      'connection: close',
    ];
    socket.write(`${cabeca.join('\r\n')}\r\n\r\n${corpo}`);
  }
  socket.destroySoon();
}
