import { z } from 'zod';
import {
  ACESSO,
  COM_DADOS,
  credencialCriada,
  credencialVisivel,
  porId,
  problema,
  SEM_DADOS,
} from './rotas-de-escrita.ts';

const HORA_S = 3_600;
/** Seconds that a former secret may go on holding. */
export const CARENCIA = { padrao: 24 * HORA_S, maior: 30 * 24 * HORA_S } as const;

/** What else may be done with keys: served by ingest, offered by the api. */
export const ROTAS_DAS_CHAVES = {
  lista: {
    method: 'GET',
    url: '/v1/credenciais',
    schema: {
      tags: ACESSO,
      summary: 'As chaves de acesso que valem',
      description: 'Papel: operacao. Sem os segredos, que ninguém tem.',
      response: { 200: z.array(credencialVisivel), ...SEM_DADOS },
    },
  },
  troca: {
    method: 'POST',
    url: '/v1/credenciais/:id/troca',
    schema: {
      tags: ACESSO,
      summary: 'Troca o segredo de uma chave; o anterior vale ainda por um prazo',
      description:
        'Papel: operacao. Fonte, papéis, interações e limite ficam. O segredo que valia antes do anterior deixa de valer.',
      params: porId,
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
