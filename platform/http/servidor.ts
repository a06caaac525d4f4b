import type { Server } from 'node:https';
import Fastify, { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Logger } from '../logging.ts';
import { measureHttp } from '../metrics/http.ts';
import { measureReadiness } from '../metrics/processo.ts';
import type { Readiness } from '../readiness.ts';
import { traceRequests } from '../tracing/http.ts';
import { erroDeConexao, escoa, PRAZO_DO_CORPO_MS } from './conexao.ts';
import { ErroHttp, PROBLEMA, problemaDe } from './erros.ts';
import { naoDeixaEsperando } from './espera.ts';
import { encerraAoParar, PRAZO_DA_PARADA_MS } from './parada.ts';
import type { Tls } from './tls.ts';
import { traduz } from './traduz.ts';

// What is wrong with a field is read by people: in Portuguese.
z.config(z.locales.ptBR());

/** Ids may have 512 characters, each of up to 12 where it is escaped. */
const MAIOR_PARAMETRO = 6_144;

export interface OpcoesDoServidor {
  log: Logger;
  readiness: Pick<Readiness, 'cause'>;
  /** Where the server's metrics go and what /metrics shows. */
  metricas: Registry;
  /** null, or left out: HTTP in clear, for a proxy in front. */
  tls?: Tls | null;
  /** Whose word is taken for who calls; left out: nobody's, and it is the address that the connection comes from. */
  proxies?: readonly string[];
  /** Bytes of a body where the content type has no limit of its own. */
  bodyLimit: number;
  /** Milliseconds that what is under way has once it is told to stop; for tests. */
  prazoDaParadaMs?: number;
  /** Milliseconds that a caller waits while the service is not ready; for tests. */
  prazoDaEsperaMs?: number;
}

/** What a server is to the routes registered on it. */
export type Servidor = ReturnType<typeof novo>;

function novo({ log, bodyLimit, tls = null, proxies = [] }: OpcoesDoServidor) {
  const app = Fastify<Server>({
    https: tls,
    trustProxy: proxies.length === 0 ? false : [...proxies],
    loggerInstance: log,
    // Its lines carry the address, which may hold a CPF.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle' as const,
    bodyLimit,
    requestTimeout: PRAZO_DO_CORPO_MS,
    clientErrorHandler: erroDeConexao,
    return503OnClosing: true,
    routerOptions: { maxParamLength: MAIOR_PARAMETRO },
  });
  return app.withTypeProvider<ZodTypeProvider>();
}

function responde(reply: FastifyReply, erro: ErroHttp): FastifyReply {
  const problema = problemaDe(erro);
  if (erro.retryAfter !== undefined) reply.header('retry-after', String(erro.retryAfter));
  if (problema.status === 401) reply.header('www-authenticate', 'Bearer realm="atendido"');
  return reply.code(problema.status).type(PROBLEMA).send(JSON.stringify(problema));
}

/** The route's pattern, never the address: what is in its place may be a CPF. */
function rotaDe(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'desconhecida';
}

function mede(app: Servidor, metricas: Registry): void {
  const anota = measureHttp(metricas);
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status, elapsedTime: ms } = reply;
    const medida = { metodo: request.method, rota: rotaDe(request), status, ms };
    anota(medida);
    request.log.debug({ ...medida, ms: Math.round(ms) }, 'requisição');
  });
}

/** /saude/vivo, /saude/pronto and /metrics: the only routes that ask for no key. */
export function registraSaude(app: Servidor, { readiness, metricas }: OpcoesDoServidor): void {
  measureReadiness(() => readiness.cause(), metricas);
  const vivo = z.object({ vivo: z.boolean() });
  const pronto = z.object({ pronto: z.boolean(), causa: z.string().nullable(), pid: z.number() });
  const tags = ['saúde'];
  const semChave = { security: [] };
  app.get(
    '/saude/vivo',
    { schema: { ...semChave, tags, summary: 'O processo está de pé', response: { 200: vivo } } },
    async () => ({ vivo: true }),
  );
  app.get(
    '/saude/pronto',
    {
      schema: {
        ...semChave,
        tags,
        summary: 'Pronto para atender, ou por que não',
        response: { 200: pronto, 503: pronto },
      },
    },
    async (_request, reply) => {
      const causa = readiness.cause();
      return reply.code(causa === null ? 200 : 503).send({ pronto: causa === null, causa, pid: process.pid });
    },
  );
  app.get(
    '/metrics',
    { schema: { ...semChave, tags, summary: 'Métricas para o Prometheus', produces: ['text/plain'] } },
    async (_request, reply) => reply.type(metricas.contentType).send(await metricas.metrics()),
  );
}

/**
 * The ground of an HTTP service: errors as problem+json, health, metrics, and no document in any log line or label.
 * Schemas of routes are zod; what they say of answers is documentation, checked by types alone.
 */
export function criaServidor(opcoes: OpcoesDoServidor): Servidor {
  const app = novo(opcoes);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (dados) => JSON.stringify(dados));
  app.setErrorHandler((error, request, reply) => {
    const erro = traduz(error);
    const { codigo, cause } = erro;
    if (codigo === 'ERRO_INTERNO') request.log.error({ err: cause, rota: rotaDe(request) }, 'erro interno');
    if (codigo === 'SERVICO_INDISPONIVEL')
      request.log.warn({ rota: rotaDe(request), causa: String(cause) }, 'indisponível');
    // What fastify would close, and the caller then could not read why.
    reply.removeHeader('connection');
    escoa(request.raw);
    return responde(reply, erro);
  });
  app.setNotFoundHandler((_request, reply) =>
    responde(reply, new ErroHttp('ROTA_DESCONHECIDA', 'não há nada neste endereço; veja /docs')),
  );
  mede(app, opcoes.metricas);
  naoDeixaEsperando(app, opcoes.readiness, opcoes.prazoDaEsperaMs);
  encerraAoParar(app, opcoes.prazoDaParadaMs ?? PRAZO_DA_PARADA_MS);
  traceRequests(app, rotaDe);
  return app;
}
