import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { RetryableError } from '../errors.ts';
import type { Readiness } from '../readiness.ts';
import { corre } from './conexao.ts';
import type { Servidor } from './servidor.ts';

/** Milliseconds a caller waits for a server that is known to be away. */
export const PRAZO_DA_ESPERA_MS = 10_000;
/** Nobody is answered so for what passes sooner: who waits may have been waiting for something else. */
const PASSA_EM_MS = 2_000;
const OLHADA_MS = 500;

interface Espera {
  desde: number;
  recusa: (error: Error) => void;
}

/**
 * Answers 503 to who waits for long while the service is not ready: of a server that takes connections and is frozen
 * there is neither an answer nor an error. What takes long while all servers answer may take its time, and so may a body
 * that is told to (`deixaCorrer`), whose every send has a time of its own. What was begun goes on by itself, as behind any
 * 503 it may yet be done. For the routes registered after it.
 */
export function naoDeixaEsperando(
  app: Pick<Servidor, 'addHook'>,
  readiness: Pick<Readiness, 'cause'>,
  prazoMs: number = PRAZO_DA_ESPERA_MS,
): void {
  const esperam = new Map<IncomingMessage, Espera>();
  const recusados = new WeakSet<IncomingMessage>();
  app.addHook('onRoute', (rota) => {
    const { handler } = rota;
    rota.handler = function (request, reply) {
      const { promise: recusado, reject: recusa } = Promise.withResolvers<never>();
      // Before it is called: it may send at once.
      esperam.set(request.raw, { desde: performance.now(), recusa });
      const feito: unknown = handler.call(this, request, reply);
      if (feito instanceof Promise) return Promise.race([feito, recusado]).finally(() => esperam.delete(request.raw));
      esperam.delete(request.raw);
      return feito;
    };
  });
  // From here on it is sent, which may take hours: a stream. An error that was thrown at once comes by here too.
  app.addHook('onSend', async (request, reply) => {
    esperam.delete(request.raw);
    // What the handler comes to later is dropped: the line that the framework would log of it carries the address.
    if (!recusados.has(request.raw)) return;
    reply.send = (tarde?: unknown) => {
      if (tarde instanceof Readable) tarde.destroy();
      return reply;
    };
  });
  let semProntidaoDesde = Number.POSITIVE_INFINITY;
  const olhada = setInterval(() => {
    const [agora, causa] = [performance.now(), readiness.cause()];
    semProntidaoDesde = causa === null ? Number.POSITIVE_INFINITY : Math.min(semProntidaoDesde, agora);
    if (causa === null || agora - semProntidaoDesde < PASSA_EM_MS) return;
    for (const [raw, { desde, recusa }] of esperam) {
      if (desde > agora - prazoMs || corre(raw)) continue;
      recusados.add(raw);
      recusa(new RetryableError(causa));
    }
  }, OLHADA_MS).unref();
  app.addHook('onClose', async () => clearInterval(olhada));
}
