import type { Servidor } from './servidor.ts';

/**
 * A server that is told to stop answers what is under way, and each such answer ends its connection: one that a balancer
 * keeps open for its next call would be waited for until the process is killed.
 */
export function encerraAoParar(app: Servidor): void {
  let parando = false;
  app.addHook('preClose', async () => {
    parando = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (parando) reply.header('connection', 'close');
  });
  // Of an answer that had begun before, the head is gone: its connection is idle once it has ended.
  app.addHook('onResponse', async () => {
    if (parando) setImmediate(() => app.server.closeIdleConnections());
  });
}
