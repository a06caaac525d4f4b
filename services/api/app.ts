import { z } from 'zod';
import type { Apuracoes } from '#domain/apuracao.ts';
import { cloudEvent } from '#domain/evento.ts';
import { PAPEIS, type Papel } from '#platform/credenciais/permissoes.ts';
import type { CredenciaisSeguidas } from '#platform/credenciais/tabela.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import { antesDoCorpo, type Guarda, guarda } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { COM_DADOS, problema, SEM_DADOS } from '#platform/http/rotas-de-escrita.ts';
import { criaServidor, type OpcoesDoServidor, registraSaude, type Servidor } from '#platform/http/servidor.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import { idDoCliente, respostaDeCliente, situacao } from './clientes.ts';
import { ensaia, listaDeMotivos, motivos, respostaDeDecisao } from './decisoes.ts';
import { documenta } from './documento.ts';
import { encaminhaEscrita } from './encaminha.ts';
import { type DoEsquecimento, rotasDeEsquecimento } from './esquecimentos.ts';
import { indicadoresEm, listaDeIndicadores, resolve, resposta, respostaDeIndicador } from './indicadores.ts';
import { agrupa, consultaDeMetricas, intervalo, respostaDeMetricas } from './metricas.ts';

const BODY_LIMIT = 2_097_152;

/** What the api needs of the servers, once they answered. */
export interface Dependencias extends DoEsquecimento {
  credenciais: Pick<CredenciaisSeguidas, 'tabela'>;
  leitor: Pick<LeitorDeEstado, 'apuracao' | 'cliente' | 'indicador' | 'metricas'>;
  portfolio: Pick<PortfolioFollower, 'portfolio' | 'caughtUp'>;
  apuracoes: Pick<Apuracoes, 'rulebooks' | 'rulebooksEmVigor' | 'emVigor'>;
}

export interface OpcoesDaApi extends Omit<OpcoesDoServidor, 'bodyLimit'> {
  /** null while the servers are waited for. */
  dependencias: () => Dependencias | null;
  /** Where the write calls go. */
  ingestUrl: string;
  /** Milliseconds since the epoch. */
  agora?: () => number;
}

interface Contexto {
  app: Servidor;
  exigeQuem: Guarda<Dependencias>;
  agora: () => number;
}

const CONSULTA: Papel[] = ['consulta'];
const NUMEROS: Papel[] = ['consulta', 'bi'];
const ENSAIO: Papel[] = ['produtor', 'consulta', 'operacao'];
const RECUSAS = { ...SEM_DADOS, 400: problema };

function rotaDeCliente({ app, exigeQuem }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/clientes/:cliente',
    schema: {
      tags: ['clientes'],
      summary: 'A situação de um cliente, ano a ano',
      description: 'Papel: consulta. Por CPF, CNPJ (com ou sem pontuação) ou id.',
      params: z.object({ cliente: z.string().min(1).max(64) }),
      response: { 200: respostaDeCliente, ...RECUSAS, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, CONSULTA),
    handler: async (request) => {
      const { leitor, pseudonimo, apuracoes, esquecimentos } = exigeQuem(request, CONSULTA);
      const doCpf = (cpf: string): string => esquecimentos.nomeAtual(pseudonimo(cpf));
      const id = idDoCliente(request.params.cliente, doCpf);
      const estado = await leitor.cliente(id);
      if (estado === null) throw new ErroHttp('CLIENTE_NAO_ENCONTRADO', 'nenhuma interação deste cliente foi recebida');
      return situacao(id, estado, apuracoes.rulebooks(await leitor.apuracao()));
    },
  });
}

function rotasDeIndicadores({ app, exigeQuem, agora }: Contexto): void {
  const tags = ['indicadores'];
  app.route({
    method: 'GET',
    url: '/v1/indicadores',
    schema: {
      tags,
      summary: 'Os indicadores em vigor',
      description: 'Papel: consulta ou bi.',
      response: { 200: listaDeIndicadores, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request) => {
      const { leitor, apuracoes } = exigeQuem(request, NUMEROS);
      return indicadoresEm(apuracoes.rulebooks(await leitor.apuracao()), agora());
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/indicadores/:codigo',
    schema: {
      tags,
      summary: 'Clientes e atendimentos de um indicador, com seus cortes',
      description: 'Papel: consulta ou bi.',
      params: z.object({ codigo: z.string().min(1).max(512) }),
      querystring: z.strictObject({
        periodo: z
          .string()
          .regex(/^[1-9]\d{3}(-(0[1-9]|1[0-2]))?$/, 'use 2026, ou 2026-03 em indicador por mês')
          .optional()
          .describe('padrão: o atual'),
        unidade: z.string().min(1).max(8).optional(),
      }),
      response: { 200: respostaDeIndicador, ...RECUSAS, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request) => {
      const { leitor, apuracoes } = exigeQuem(request, NUMEROS);
      const { codigo } = request.params;
      const { unidade = null } = request.query;
      const consulta = { codigo, periodo: request.query.periodo, unidade: unidade ?? undefined };
      const { indicador, periodo } = resolve(consulta, apuracoes.rulebooks(await leitor.apuracao()), agora());
      const contadores = await leitor.indicador(codigo, periodo);
      return resposta({ codigo, nome: indicador.nome, periodo, unidade }, contadores);
    },
  });
}

function rotaDeMetricas({ app, exigeQuem, agora }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/metricas',
    schema: {
      tags: ['métricas'],
      summary: 'Interações por métrica, motivo, tipo, unidade, canal e dia',
      description: 'Papel: consulta ou bi. Cada interação conta uma vez, as que não contabilizam também.',
      querystring: consultaDeMetricas,
      response: { 200: respostaDeMetricas, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request) => {
      const { leitor } = exigeQuem(request, NUMEROS);
      const { de, ate } = intervalo(request.query, agora());
      const contadores = await leitor.metricas(de, ate);
      return { de, ate, agrupar: request.query.agrupar, ...agrupa(contadores, request.query) };
    },
  });
}

function rotasDeDecisao({ app, exigeQuem, agora }: Contexto): void {
  const tags = ['decisões'];
  app.route({
    method: 'POST',
    url: '/v1/decisoes',
    schema: {
      tags,
      summary: 'Ensaia a decisão de um evento, sem guardar nada',
      description:
        'Papel: produtor, consulta ou operacao. Diz o que aconteceria, por qual cláusula, e cada teste feito.',
      body: cloudEvent,
      consumes: ['application/json', 'application/cloudevents+json'],
      response: { 200: respostaDeDecisao, ...COM_DADOS },
    },
    validatorCompiler: () => () => true,
    onRequest: antesDoCorpo(exigeQuem, ENSAIO),
    handler: async (request) => {
      const { portfolio, apuracoes, pseudonimo, credencial } = exigeQuem(request, ENSAIO);
      await portfolio.caughtUp();
      const rulebooks = apuracoes.rulebooksEmVigor;
      const ensaio = { rulebooks, portfolio: portfolio.portfolio, pseudonimo, credencial, agora: agora() };
      return ensaia(request.body, ensaio);
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/motivos',
    schema: {
      tags,
      summary: 'Todos os motivos de decisão, por extenso',
      description: 'Qualquer papel.',
      response: { 200: listaDeMotivos, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, PAPEIS),
    handler: async () => motivos(),
  });
}

/** The front door: answers what is asked, forwards what is sent. Listens to nothing by itself. */
export async function criaApi(opcoes: OpcoesDaApi): Promise<Servidor> {
  const app = criaServidor({ ...opcoes, bodyLimit: BODY_LIMIT });
  const parser = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/cloudevents+json', { parseAs: 'string' }, parser);
  await documenta(app);
  const contexto = { app, exigeQuem: guarda(opcoes.dependencias), agora: opcoes.agora ?? Date.now };
  registraSaude(app, { ...opcoes, bodyLimit: BODY_LIMIT });
  rotaDeCliente(contexto);
  rotasDeIndicadores(contexto);
  rotaDeMetricas(contexto);
  rotasDeDecisao(contexto);
  rotasDeEsquecimento(app, contexto.exigeQuem);
  encaminhaEscrita(app, opcoes.ingestUrl);
  return app;
}
