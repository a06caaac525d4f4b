import type { IncomingMessage } from 'node:http';
import { RetryableError } from '../errors.ts';
import type { Readiness } from '../readiness.ts';
import type { Servidor } from './servidor.ts';

/** Milliseconds a caller waits for a server that is known to be away. */
export const PRAZO_DA_ESPERA_MS = 10_000;
const OLHADA_MS = 500;

interface Espera {
  desde: number;
  recusa: (error: Error) => void;
}

/**
 * Answers 503 to who waits for long while the service is not ready: of a server that takes connections and is frozen
 * there is neither an answer nor an error. What takes long while all servers answer may take its time; and what was begun
 * goes on by itself, as behind any 503 it may yet be done. For the routes registered after it.
 */
export function naoDeixaEsperando(
  app: Pick<Servidor, 'addHook'>,
  readiness: Pick<Readiness, 'cause'>,
  prazoMs: number = PRAZO_DA_ESPERA_MS,
): void {
  const esperam = new Map<IncomingMessage, Espera>();
  app.addHook('onRoute', (rota) => {
    const { handler } = rota;
    rota.handler = function (request, reply) {
      const feito: unknown = handler.call(this, request, reply);
      if (!(feito instanceof Promise)) return feito;
      const { promise: recusado, reject: recusa } = Promise.withResolvers<never>();
      esperam.set(request.raw, { desde: performance.now(), recusa });
      return Promise.race([feito, recusado]).finally(() => esperam.delete(request.raw));
    };
  });
  // From here on it is sent, which may take hours: a stream.
  app.addHook('onSend', async (request) => void esperam.delete(request.raw));
  const olhada = setInterval(() => {
    if (esperam.size === 0) return;
    const causa = readiness.cause();
    if (causa === null) return;
    const ate = performance.now() - prazoMs;
    for (const { desde, recusa } of esperam.values()) {
      if (desde <= ate) recusa(new RetryableError(causa));
    }
  }, OLHADA_MS).unref();
  app.addHook('onClose', async () => clearInterval(olhada));
}
