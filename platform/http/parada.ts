import type { Duplex } from 'node:stream';
import type { Servidor } from './servidor.ts';

/** Milliseconds for what is under way when a server is told to stop: a service has 10 s for all that it ends. */
export const PRAZO_DA_PARADA_MS = 6_000;

/**
 * A server that is told to stop answers what is under way, and each such answer ends its connection: one that a balancer
 * keeps open for its next call would be waited for until the process is killed. So would one that never said a word, or
 * stopped in the middle of its request: the first ends at once, the others, and whatever else is left, after `prazoMs`.
 */
export function encerraAoParar(app: Servidor, prazoMs: number): void {
  let parando = false;
  const abertas = new Set<Duplex & { bytesRead?: number }>();
  app.server.on('connection', (socket) => {
    abertas.add(socket);
    socket.once('close', () => abertas.delete(socket));
  });
  app.addHook('preClose', async () => {
    parando = true;
    for (const socket of abertas) if (socket.bytesRead === 0) socket.destroy();
    const prazo = setTimeout(() => {
      app.server.closeAllConnections();
      // Those whose TLS handshake is not over are no connections of HTTP yet.
      for (const socket of abertas) socket.destroy();
    }, prazoMs).unref();
    app.server.once('close', () => clearTimeout(prazo));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (parando) reply.header('connection', 'close');
  });
  // Of an answer that had begun before, the head is gone: its connection is idle once it has ended.
  app.addHook('onResponse', async () => {
    if (parando) setImmediate(() => app.server.closeIdleConnections());
  });
}
