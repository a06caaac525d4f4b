import { z } from 'zod';
import { limiteDaChave } from '../credenciais/credencial.ts';
import { COM_DADOS, credencialCriada, problema } from './rotas-de-escrita.ts';

const HORA_S = 3_600;
/** Seconds that a former secret may go on holding. */
export const CARENCIA = { padrao: 24 * HORA_S, maior: 30 * 24 * HORA_S } as const;

const acesso = ['acesso'];

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

/** What else may be done with keys: served by ingest, offered by the api. */
export const ROTAS_DAS_CHAVES = {
  lista: {
    method: 'GET',
    url: '/v1/credenciais',
    schema: {
      tags: acesso,
      summary: 'As chaves de acesso que valem',
      description: 'Papel: operacao. Sem os segredos, que ninguém tem.',
      response: { 200: z.array(credencialVisivel), 401: problema, 403: problema, 503: problema },
    },
  },
  troca: {
    method: 'POST',
    url: '/v1/credenciais/:id/troca',
    schema: {
      tags: acesso,
      summary: 'Troca o segredo de uma chave; o anterior vale ainda por um prazo',
      description:
        'Papel: operacao. Fonte, papéis, interações e limite ficam. O segredo que valia antes do anterior deixa de valer.',
      params: z.strictObject({ id: z.string().min(1).max(512) }),
      body: z.strictObject({
        carenciaSegundos: z
          .int()
          .min(0)
          .max(CARENCIA.maior)
          .default(CARENCIA.padrao)
          .describe('por quanto tempo o segredo anterior ainda vale'),
      }),
      response: { 200: credencialCriada, ...COM_DADOS, 404: problema },
    },
  },
} as const;
