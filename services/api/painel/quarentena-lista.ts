import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { iniciando } from '#platform/http/traduz.ts';
import type { Dependencias } from '../contexto.ts';
import { enderecoDaProxima, envia } from '../leitura.ts';
import { jaTem, marcaDe } from '../marca.ts';
import { parametrosDePagina } from '../pagina.ts';
import { lista, resume, type Sabidos, SITUACOES } from './indice/consulta.ts';
import type { ContextoDoPainel } from './rotas.ts';

const RAIZ = '/painel/dados/quarentena';
const REGISTROS = `${RAIZ}/registros`;

export const texto = z.string().min(1).max(512);
/** A calendar day that there is. */
export const dia = z.iso.date();

/** By what the record says. */
export const camposDaLista = {
  motivo: texto.optional(),
  source: texto.optional(),
  unidade: texto.optional(),
  tipoSolucao: texto.optional(),
};

const daLista = z.strictObject({
  ...camposDaLista,
  dia: dia.optional(),
  situacao: z.enum(SITUACOES).default('espera'),
  ...parametrosDePagina(50, 1_000),
});

type Partes = NonNullable<Dependencias['quarentena']>;

/** What the index knows now. @throws ErroHttp QUARENTENA_CARREGANDO; RetryableError */
export async function sabidosDe({ indice, resolucoes, seguidas }: Partes): Promise<Sabidos> {
  return { indice: await indice.emDia(), resolucoes, esquecimentos: seguidas.esquecimentos };
}

/** Sends an answer with its tag; not again to who has it. */
function responde(request: FastifyRequest, reply: FastifyReply, guarda: 'numeros' | 'cliente', corpo: object) {
  const escrito = JSON.stringify(corpo);
  const marca = marcaDe(escrito);
  const feita = jaTem(request, marca) ? null : { texto: escrito, proximo: null };
  return envia(reply, 'json', guarda, { marca, feita });
}

/** What waits by reason, and the records in pages: both from the index, and neither waits for who corrects or replays. */
export function leiturasDoIndice({ app, exigeQuem }: ContextoDoPainel, papeis: Papel[]): void {
  const partesDe = (request: FastifyRequest): Partes => {
    const { quarentena } = exigeQuem(request, papeis);
    if (quarentena === undefined) throw iniciando();
    return quarentena;
  };
  app.get(RAIZ, {
    schema: { hide: true },
    onRequest: antesDoCorpo(exigeQuem, papeis),
    handler: async (request, reply) => {
      return responde(request, reply, 'numeros', resume(await sabidosDe(partesDe(request)), Date.now()));
    },
  });
  app.get(REGISTROS, {
    schema: { hide: true, querystring: daLista },
    onRequest: antesDoCorpo(exigeQuem, papeis),
    handler: async (request, reply) => {
      const { proximo, ...dela } = lista(await sabidosDe(partesDe(request)), request.query);
      const endereco = enderecoDaProxima(REGISTROS, request.url, proximo);
      return responde(request, reply, 'cliente', { ...dela, proximo: endereco });
    },
  });
}
