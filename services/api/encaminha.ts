import replyFrom from '@fastify/reply-from';
import type { FastifySchema, HTTPMethods } from 'fastify';
import { deixaCorrer } from '#platform/http/conexao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { ROTAS_DAS_CHAVES } from '#platform/http/rotas-das-chaves.ts';
import { LINHAS_JSON, limiteDe, ROTAS_DE_ESCRITA, tipoDeConteudo } from '#platform/http/rotas-de-escrita.ts';
import { ROTAS_XAPI } from '#platform/http/rotas-xapi.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import { ESPERA } from '#platform/http/traduz.ts';
import { traceHeader } from '#platform/tracing/http.ts';

/** Of whatever shape: nothing of it is looked at here. */
const ROTAS: readonly { method: HTTPMethods; url: string; schema: FastifySchema }[] = [
  ...Object.values(ROTAS_DE_ESCRITA),
  ...Object.values(ROTAS_DAS_CHAVES),
  ...Object.values(ROTAS_XAPI),
];

/** The write calls, handed to ingest byte by byte: it asks for the key and answers. */
export function encaminhaEscrita(app: Servidor, ingestUrl: string): void {
  app.register(async (escopo: Servidor) => {
    // A 503 is the caller's to repeat. No method, and not `maxRetriesOn503: 0`, which is taken for its default, ten.
    await escopo.register(replyFrom, { base: ingestUrl, disableRequestLogging: true, retryMethods: [] });
    escopo.removeAllContentTypeParsers();
    escopo.addContentTypeParser('*', (_request, corpo, pronto) => pronto(null, corpo));
    escopo.addHook('onRequest', async ({ headers, raw }) => {
      const tipo = tipoDeConteudo(headers['content-type']);
      if (tipo === LINHAS_JSON) deixaCorrer(raw);
      // Here too: a body that ingest stops reading half-way breaks the connection between the two.
      if (Number(headers['content-length'] ?? 0) > limiteDe(tipo)) {
        throw new ErroHttp('CORPO_GRANDE_DEMAIS', 'o corpo passa do limite deste endereço');
      }
    });
    for (const rota of ROTAS) {
      escopo.route({
        ...rota,
        validatorCompiler: () => () => true,
        handler: (request, reply) => {
          const emFluxo = tipoDeConteudo(request.headers['content-type']) === LINHAS_JSON;
          reply.from(request.url, {
            // Answered at its end, which may be hours away.
            ...(emFluxo ? { timeout: 0 } : {}),
            // Node has answered it already ("100 Continue"), and the client that goes on to ingest knows no such thing.
            // Sessions of the panel are of the api alone.
            rewriteRequestHeaders: (_request, { expect: _expect, cookie: _cookie, ...headers }) => ({
              ...headers,
              ...traceHeader(request),
            }),
            onError: (resposta, { error }) => {
              const detail = 'o serviço de entrada não responde; tente de novo em instantes';
              resposta.send(new ErroHttp('SERVICO_INDISPONIVEL', detail, { retryAfter: ESPERA, cause: error }));
            },
          });
        },
      });
    }
  });
}
