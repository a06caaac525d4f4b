import Fastify from 'fastify';
import { register as defaultRegistry, type Registry } from 'prom-client';
import { measureHttp } from './metrics/http.ts';
import { measureReadiness } from './metrics/processo.ts';

/** Why the service is not ready, in Portuguese; null when it is. */
export type Readiness = () => string | null;

export interface HealthServer {
  /** The port it listens on (useful when 0 was asked for). */
  port: number;
  close(): Promise<void>;
}

/**
 * The small door of a service that has no other: GET /saude/vivo (200), /saude/pronto (200 or 503, `{pronto, causa, pid}`),
 * /metrics (Prometheus). @throws where the port is taken.
 */
export async function startHealthServer(
  { host, port }: { host: string; port: number },
  readiness: Readiness,
  registry: Registry = defaultRegistry,
): Promise<HealthServer> {
  const app = Fastify({ forceCloseConnections: true });
  measureReadiness(readiness, registry);
  const anota = measureHttp(registry);
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode: status, elapsedTime: ms }) => {
    anota({ metodo: method, rota: routeOptions.url ?? 'desconhecida', status, ms });
  });
  app.get('/saude/vivo', async () => ({ vivo: true }));
  app.get('/saude/pronto', async (_request, reply) => {
    const causa = readiness();
    return reply.code(causa === null ? 200 : 503).send({ pronto: causa === null, causa, pid: process.pid });
  });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  await app.listen({ host, port });
  const address = app.server.address();
  return { port: typeof address === 'object' && address ? address.port : port, close: () => app.close() };
}
