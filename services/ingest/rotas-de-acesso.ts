import type { Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { quemDe } from '#platform/http/quem.ts';
import { ROTAS_DAS_CHAVES } from '#platform/http/rotas-das-chaves.ts';
import { ROTAS_DE_ESCRITA } from '#platform/http/rotas-de-escrita.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import { criaCredencial, lista, registraFonte, revoga, troca } from './acesso.ts';
import type { Exige } from './app.ts';

const OPERACAO: Papel[] = ['operacao'];

/** Sources and keys: who may call, and who may send what. */
export function rotasDeAcesso(app: Servidor, exigeQuem: Exige): void {
  const onRequest = antesDoCorpo(exigeQuem, OPERACAO);
  app.route({
    ...ROTAS_DE_ESCRITA.fonte,
    onRequest,
    handler: async (request) => {
      const { credencial, ...acesso } = exigeQuem(request, OPERACAO);
      return registraFonte({ source: request.params.source, ...request.body }, quemDe(request, credencial), acesso);
    },
  });
  app.route({
    ...ROTAS_DE_ESCRITA.credencial,
    onRequest,
    handler: async (request) => {
      const { credencial, ...acesso } = exigeQuem(request, OPERACAO);
      const nova = request.headers['if-none-match'] === '*';
      const pedido = { ...request.body, id: request.params.id, nova };
      return criaCredencial(pedido, quemDe(request, credencial), acesso);
    },
  });
  app.route({
    ...ROTAS_DE_ESCRITA.revogacao,
    onRequest,
    handler: async (request, reply) => {
      const { credencial, ...acesso } = exigeQuem(request, OPERACAO);
      await revoga(request.params.id, quemDe(request, credencial), acesso);
      return reply.code(204).send(null);
    },
  });
  app.route({ ...ROTAS_DAS_CHAVES.lista, onRequest, handler: async (request) => lista(exigeQuem(request, OPERACAO)) });
  app.route({
    ...ROTAS_DAS_CHAVES.troca,
    onRequest,
    handler: async (request) => {
      const { credencial, ...acesso } = exigeQuem(request, OPERACAO);
      return troca(request.params.id, request.body.carenciaSegundos, quemDe(request, credencial), acesso);
    },
  });
}
