import { z } from 'zod';
import '#domain/linguagem.ts';
import { COM_DADOS, problema, resultadoDoItem } from './rotas-de-escrita.ts';

/** What is spoken here, and answered in every response. Any 1.0.x is understood. */
export const VERSAO_XAPI = '1.0.3';
export const CABECALHO_DE_VERSAO = 'x-experience-api-version';

/** Of an account under this home page, the name is a CPF. Source: the contract. */
export const HOMEPAGE_DO_CPF = 'https://sebrae.com.br/cpf';

/** What an interaction needs and xAPI has no place for: the context extensions of this prefix and one of these names. */
export const PREFIXO_DE_EXTENSAO = 'https://sebrae.com.br/xapi/';
export const EXTENSOES = ['unidade', 'canal', 'solucaoId', 'disponibilizacaoId', 'matriculaId'] as const;
export type Extensao = (typeof EXTENSOES)[number];

/** cmi5. */
export const PROGRESSO = 'https://w3id.org/xapi/cmi5/result/extensions/progress';
export const SESSAO = 'https://w3id.org/xapi/cmi5/context/extensions/sessionid';

const texto = z.string().min(1);
const extensao = texto.max(512).optional();

const doContexto = z.looseObject({
  [`${PREFIXO_DE_EXTENSAO}unidade`]: extensao.describe('27 UFs ou NA; padrão: a unidade da fonte'),
  [`${PREFIXO_DE_EXTENSAO}canal`]: extensao.describe('padrão: ead'),
  [`${PREFIXO_DE_EXTENSAO}solucaoId`]: extensao.describe('padrão: object.id'),
  [`${PREFIXO_DE_EXTENSAO}disponibilizacaoId`]: extensao,
  [`${PREFIXO_DE_EXTENSAO}matriculaId`]: extensao.describe('padrão: context.registration'),
  [SESSAO]: extensao,
});

/** The part of an xAPI statement that is read: the rest is let through unread, and left behind. */
export const statement = z.looseObject({
  id: z.guid().optional(),
  actor: z.looseObject({
    // Moodle sends ["Agent"] of a person known by e-mail.
    objectType: z.unknown().optional(),
    account: z.looseObject({ homePage: texto, name: texto }).optional(),
    member: z.unknown().optional(),
  }),
  verb: z.looseObject({ id: texto }),
  object: z.looseObject({ objectType: texto.optional(), id: texto.optional() }),
  result: z
    .looseObject({
      completion: z.boolean().optional(),
      extensions: z.looseObject({ [PROGRESSO]: z.unknown().optional() }).optional(),
    })
    .optional(),
  context: z.looseObject({ registration: z.guid().optional(), extensions: doContexto.optional() }).optional(),
  timestamp: texto.max(64).optional(),
});
export type Statement = z.infer<typeof statement>;

const tags = ['xAPI'];
const cabecalhos = z.looseObject({
  [CABECALHO_DE_VERSAO]: z.string().optional().describe('obrigatório: 1.0.3, ou outra 1.0'),
});
const QUEM = 'Papel: produtor. A chave vai em Bearer, ou como senha em Basic. ';

/** xAPI as far as an LMS, or an LRS that forwards, sends: this is a door for statements, and no LRS. */
export const ROTAS_XAPI = {
  envio: {
    method: 'POST',
    url: '/xapi/statements',
    schema: {
      tags,
      summary: 'Envia statements xAPI 1.0.3',
      description:
        `${QUEM}Um statement ou uma lista. 200 com os ids, na ordem, depois que o Kafka guardou. Se um da lista não ` +
        'pode ser aceito, nenhum é: 400, com um resultado por statement.',
      headers: cabecalhos,
      body: z.union([statement, z.array(statement)]),
      response: {
        200: z.array(z.string()),
        ...COM_DADOS,
        400: z.union([problema, z.array(resultadoDoItem)]),
        409: problema,
      },
    },
  },
  gravacao: {
    method: 'PUT',
    url: '/xapi/statements',
    schema: {
      tags,
      summary: 'Envia um statement xAPI 1.0.3 com o id do endereço',
      description: `${QUEM}204 depois que o Kafka guardou.`,
      headers: cabecalhos,
      querystring: z.strictObject({ statementId: z.guid() }),
      body: statement,
      response: { 204: z.null(), ...COM_DADOS, 409: problema },
    },
  },
  sobre: {
    method: 'GET',
    url: '/xapi/about',
    schema: {
      tags,
      security: [],
      summary: 'As versões do xAPI que se aceitam',
      response: { 200: z.object({ version: z.array(z.string()) }) },
    },
  },
} as const;
