import { z } from 'zod';
import { cloudEvent } from '#domain/evento.ts';
import { disponibilizacaoDoEvento, solucaoDoEvento } from '#domain/portfolio-esquema.ts';
import { interacoesPermitidas, limiteDaChave, nomeDeFonte, unidadeDaFonte } from '../credenciais/credencial.ts';
import { PAPEIS } from '../credenciais/permissoes.ts';

/** What became of one event, as the door answers it. */
export const resultadoDoItem = z.object({
  id: z.string().nullable(),
  estado: z.enum(['aceito', 'recusado']),
  motivo: z.string().optional(),
  detalhe: z.string().optional(),
});
export type ResultadoDoItem = z.infer<typeof resultadoDoItem>;

export const problema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  codigo: z.string(),
  erros: z.array(z.object({ campo: z.string(), mensagem: z.string() })).optional(),
});

/** Refusals of every call that asks for a key. */
export const SEM_DADOS = { 401: problema, 403: problema, 429: problema, 431: problema, 503: problema } as const;
/** Refusals of every call that writes with a body. */
export const COM_DADOS = { ...SEM_DADOS, 400: problema, 408: problema, 413: problema, 415: problema } as const;

export const EVENTO_JSON = ['application/cloudevents+json', 'application/json'];
export const LOTE_JSON = 'application/cloudevents-batch+json';
export const LINHAS_JSON = 'application/x-ndjson';

const MIB = 1_048_576;
/** Bytes of a body once opened, by what it carries. Of NDJSON there may be any number, of one line as of an event. */
export const LIMITES = { evento: 2 * MIB, lote: 8 * MIB } as const;

/** The media type of a request, lower case, without parameters. */
export function tipoDeConteudo(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Bytes that a body of this media type may have. */
export function limiteDe(tipo: string): number {
  if (tipo === LINHAS_JSON) return Number.POSITIVE_INFINITY;
  return tipo === LOTE_JSON ? LIMITES.lote : LIMITES.evento;
}

/** The event of the contract. */
export const EXEMPLO_DE_EVENTO = {
  specversion: '1.0',
  id: '9f0e3c1a',
  source: 'lms-ead',
  type: 'br.com.sebrae.interacao.momento-digital',
  time: '2026-03-02T10:15:00-03:00',
  data: {
    tipoSolucao: 'curso-autoinstrucional',
    solucaoId: 'CA-100',
    disponibilizacaoId: 'CA-100-2026',
    matriculaId: 'M-1',
    unidade: 'SP',
    canal: 'ead',
    cliente: { pf: { cpf: '52998224725' }, pj: { cnpj: '11222333000181', vinculo: 'indicacao' } },
    momento: 'inicio',
  },
};

const id = z.string().min(1).max(512);
export const porId = z.strictObject({ id });
const porFonte = z.strictObject({ source: nomeDeFonte });
const portfolio = ['portfólio'];
export const ACESSO = ['acesso'];
const resultados = z.array(resultadoDoItem);

const pedidoDeFonte = z.strictObject({
  nome: z.string().min(1).max(512),
  interacoes: interacoesPermitidas.default(['*']),
  unidade: unidadeDaFonte.describe('a unidade dos statements xAPI que não a dizem'),
});
const pedidoDeCredencial = z.strictObject({
  source: nomeDeFonte.optional(),
  papeis: z.array(z.enum(PAPEIS)).min(1),
  interacoes: interacoesPermitidas.optional(),
  limite: limiteDaChave.optional().describe('requisições por segundo; uma de vários eventos vale por todos'),
});
const fonteRegistrada = z.object({
  source: z.string(),
  nome: z.string(),
  interacoes: z.array(z.string()),
  unidade: z.string().optional(),
});
/** A key as it is shown: its hash is nobody's business. */
export const credencialVisivel = z.object({
  id: z.string(),
  source: z.string().nullable(),
  papeis: z.array(z.string()),
  interacoes: z.array(z.string()).nullable(),
  limite: limiteDaChave.nullable(),
  criada: z.string(),
  mudada: z.string().nullable().describe('quando a chave foi trocada pela última vez'),
  anteriorAte: z.string().nullable().describe('até quando a chave anterior ainda vale'),
});
export type CredencialVisivel = z.infer<typeof credencialVisivel>;
/** A key and its secret, for the only time: what is kept is the hash. */
export const credencialCriada = credencialVisivel.extend({
  chave: z.string().describe('a chave, que só aparece nesta resposta'),
});
export type CredencialCriada = z.infer<typeof credencialCriada>;

/**
 * The calls that change something: declared once, served by ingest and offered by the api, which forwards them. From
 * these schemas come both the checks and the OpenAPI document.
 */
export const ROTAS_DE_ESCRITA = {
  eventos: {
    method: 'POST',
    url: '/v1/eventos',
    schema: {
      tags: ['eventos'],
      summary: 'Envia interações (CloudEvents 1.0)',
      description:
        'Papel: produtor. Um evento (application/cloudevents+json ou application/json; ou cabeçalhos ce-* com os ' +
        'dados no corpo), um lote (application/cloudevents-batch+json) ou um evento por linha (application/x-ndjson). ' +
        'Só responde 202 depois que o Kafka guardou. De um lote: 202 se todos foram aceitos, 207 se alguns, 400 se ' +
        'nenhum, sempre com um resultado por item, na ordem. O corpo, em UTF-8, pode vir em gzip ou zstd (Content-Encoding).',
      body: z.union([cloudEvent, z.array(cloudEvent)]),
      /** For the OpenAPI document: what each media type holds, with an example. */
      corpos: {
        ...Object.fromEntries(EVENTO_JSON.map((tipo) => [tipo, cloudEvent.meta({ examples: [EXEMPLO_DE_EVENTO] })])),
        [LOTE_JSON]: z.array(cloudEvent).meta({ examples: [[EXEMPLO_DE_EVENTO]] }),
        [LINHAS_JSON]: z
          .string()
          .meta({ description: 'um CloudEvent por linha', examples: [`${JSON.stringify(EXEMPLO_DE_EVENTO)}\n`] }),
      },
      response: {
        202: z.union([resultadoDoItem, resultados]),
        207: resultados,
        ...COM_DADOS,
        400: z.union([problema, resultados]),
      },
    },
  },
  solucao: {
    method: 'PUT',
    url: '/v1/portfolio/solucoes/:id',
    schema: {
      tags: portfolio,
      summary: 'Cria ou substitui uma solução',
      description: 'Papel: operacao ou produtor. O id do corpo é o do endereço.',
      params: porId,
      body: solucaoDoEvento,
      response: { 200: z.object({ id }), ...COM_DADOS },
    },
  },
  disponibilizacao: {
    method: 'PUT',
    url: '/v1/portfolio/disponibilizacoes/:id',
    schema: {
      tags: portfolio,
      summary: 'Cria ou substitui uma oferta (disponibilização)',
      description: 'Papel: operacao ou produtor. O id do corpo é o do endereço.',
      params: porId,
      body: disponibilizacaoDoEvento,
      response: { 200: z.object({ id }), ...COM_DADOS },
    },
  },
  fonte: {
    method: 'PUT',
    url: '/v1/fontes/:source',
    schema: {
      tags: ACESSO,
      summary: 'Registra um sistema produtor e o que ele pode enviar',
      description:
        'Papel: operacao. `*`: todas as interações, menos a contratação de garantia-fampe, que só os sistemas do ' +
        'Sebrae Nacional enviam e se autoriza por nome: `contratacao:garantia-fampe`.',
      params: porFonte,
      body: pedidoDeFonte,
      response: { 200: fonteRegistrada, ...COM_DADOS },
    },
  },
  credencial: {
    method: 'PUT',
    url: '/v1/credenciais/:id',
    schema: {
      tags: ACESSO,
      summary: 'Cria uma chave de acesso, ou troca a que havia com este id',
      description:
        'Papel: operacao. Um produtor precisa de uma fonte registrada, e pode menos que ela, nunca mais. Com ' +
        '`If-None-Match: *`, só cria: 412 se já há uma com este id.',
      params: porId,
      body: pedidoDeCredencial,
      response: { 200: credencialCriada, ...COM_DADOS, 409: problema, 412: problema },
    },
  },
  revogacao: {
    method: 'DELETE',
    url: '/v1/credenciais/:id',
    schema: {
      tags: ACESSO,
      summary: 'Revoga uma chave de acesso',
      description: 'Papel: operacao.',
      params: porId,
      response: { 204: z.null(), ...SEM_DADOS, 400: problema, 404: problema },
    },
  },
} as const;
