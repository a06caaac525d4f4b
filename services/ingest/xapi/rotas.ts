import type { FastifyRequest } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { Counter } from 'prom-client';
import type { z } from 'zod';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo, type Guarda } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { CABECALHO_DE_VERSAO, ROTAS_XAPI, VERSAO_XAPI } from '#platform/http/rotas-xapi.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import { sendingFor } from '#platform/tracing/http.ts';
import type { Dependencias, OpcoesDoIngest } from '../app.ts';
import { Lembrados } from './lembrados.ts';
import { type Recebido, recebeStatements } from './recebe.ts';

const PRODUTOR: Papel[] = ['produtor'];

type Requisicao = Pick<FastifyRequest, 'headers' | 'method' | 'protocol'>;

/** Systems that speak xAPI often know Basic alone: its password is the key, whatever the user name. */
function comPortador({ headers, method, protocol }: Requisicao): Requisicao {
  const basico = /^Basic +(\S{1,2048})$/i.exec(headers.authorization ?? '')?.[1];
  if (basico === undefined) return { headers, method, protocol };
  const dupla = Buffer.from(basico, 'base64').toString();
  const authorization = `Bearer ${dupla.slice(dupla.indexOf(':') + 1)}`;
  return { headers: { ...headers, authorization }, method, protocol };
}

async function exigeVersao({ headers }: Requisicao): Promise<void> {
  const versao = headers[CABECALHO_DE_VERSAO];
  if (typeof versao === 'string' && /^1\.0(\.\d{1,4})?$/.test(versao)) return;
  throw new ErroHttp('VERSAO_XAPI_INVALIDA', `envie o cabeçalho X-Experience-API-Version: ${VERSAO_XAPI}`);
}

/** A statement with the id of its address. @throws ErroHttp ID_DIVERGENTE */
function comId(corpo: unknown, statementId: string): unknown {
  if (typeof corpo !== 'object' || corpo === null || Array.isArray(corpo)) {
    throw new ErroHttp('ESQUEMA_INVALIDO', 'o corpo precisa ser um statement');
  }
  const { id = statementId } = corpo as { id?: unknown };
  if (typeof id !== 'string' || id.toLowerCase() !== statementId.toLowerCase()) {
    throw new ErroHttp('ID_DIVERGENTE', 'id: o do corpo não é o statementId do endereço');
  }
  return { ...corpo, id: statementId };
}

/** The door for xAPI. What is wrong with a body is said statement by statement, and not by the framework. */
export function rotasXapi(app: Servidor, { metricas }: OpcoesDoIngest, exigeQuem: Guarda<Dependencias>): void {
  const statements = new Counter({
    name: 'atendido_xapi_statements_total',
    help: 'Statements xAPI recebidos, por resultado e motivo da recusa',
    labelNames: ['resultado', 'motivo'],
    registers: [metricas],
  });
  const lembrados = new Lembrados();
  const exigeProdutor: Guarda<Dependencias> = (request, papeis) => exigeQuem(comPortador(request), papeis);
  const recebe = (request: Requisicao, corpo: unknown): Promise<Recebido> => {
    const { credencial, codecs, credenciais, ...resto } = exigeProdutor(request, PRODUTOR);
    const producer = sendingFor(request, resto.producer);
    const doPedido = { ...resto, producer, codec: codecs.interacoes, credenciais: credenciais.tabela };
    const recebimento = { ...doPedido, statements, lembrados };
    return recebeStatements(corpo, recebimento, credencial);
  };
  app.register(async (escopo: Servidor) => {
    escopo.removeContentTypeParser('text/plain');
    escopo.addHook('onSend', async (_request, reply) => {
      reply.header(CABECALHO_DE_VERSAO, VERSAO_XAPI);
    });
    escopo.setValidatorCompiler<z.ZodType>((parte) =>
      parte.httpPart === 'querystring' ? validatorCompiler(parte) : () => true,
    );
    const onRequest = [antesDoCorpo(exigeProdutor, PRODUTOR), exigeVersao];
    escopo.route({
      ...ROTAS_XAPI.envio,
      onRequest,
      handler: async (request, reply) => {
        const { status, corpo } = await recebe(request, request.body);
        return reply.code(status).send(corpo);
      },
    });
    escopo.route({
      ...ROTAS_XAPI.gravacao,
      onRequest,
      handler: async (request, reply) => {
        await recebe(request, comId(request.body, request.query.statementId));
        return reply.code(204).send(null);
      },
    });
    escopo.route({ ...ROTAS_XAPI.sobre, handler: async () => ({ version: [VERSAO_XAPI] }) });
  });
}
