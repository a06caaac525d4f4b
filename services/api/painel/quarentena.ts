import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { campoComCpf } from '#domain/cpf-em-texto.ts';
import { eventoComPessoas } from '#domain/evento-conhecido.ts';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { type CodigoHttp, ERROS_HTTP, ErroHttp } from '#platform/http/erros.ts';
import { ESPERA, iniciando } from '#platform/http/traduz.ts';
import { type Corrigida, corrige } from '#platform/quarentena/correcao.ts';
import { leEdicao } from '#platform/quarentena/edicao.ts';
import { leInteracao } from '#platform/quarentena/ensaio.ts';
import { type Mostra, mostra } from '#platform/quarentena/mostra.ts';
import { exigeQueSiga } from '#platform/quarentena/reenvio.ts';
import { type Reenviadas, reenviaSelecao } from '#platform/quarentena/replay.ts';
import { semCpf } from '#platform/quarentena/visivel.ts';
import type { Dependencias } from '../contexto.ts';
import type { EventoDoLog } from './evento.ts';
import { umDeCadaVez } from './fila.ts';
import { filtra } from './indice/consulta.ts';
import { type Entrada, entradaDe } from './indice/entrada.ts';
import { interacaoVisivel, semEsquecidos, semEsquecidosDe, visiveisPorId } from './indice/esquecidos.ts';
import { camposDaLista, dia, leiturasDoIndice, sabidosDe, texto } from './quarentena-lista.ts';
import type { ContextoDoPainel } from './rotas.ts';

const OPERACAO: Papel[] = ['operacao'];
const LIMITE = 100;
/** The most records that one request replays by their ids: it answers once they are back. */
const MAXIMO_DE_IDS = 1_000;

const id = z.string().regex(/^\d{1,9}\/\d{1,15}$/, 'um id é como 3/1842');
const edicao = z.strictObject({ campo: texto, valor: z.string().max(4_096) });
const pedidoDeCorrecao = z.strictObject({
  id,
  edicoes: z.array(edicao).min(1).max(50).optional(),
  evento: z.looseObject({}).optional(),
  outraIdentidade: z.boolean().default(false),
});
const pedidoDeReenvio = z.strictObject({
  ids: z.array(id).min(1).max(MAXIMO_DE_IDS).optional(),
  ...camposDaLista,
  dia: dia.optional(),
  situacao: z.enum(['espera', 'intocada', 'corrigida']).default('espera'),
  prontas: z.boolean().default(false),
  /** What was set aside before (ms): a replay takes no more than its rehearsal saw. Default: now. */
  ate: z.number().int().positive().optional(),
  /** false: a dry run. */
  aplica: z.boolean().default(false),
});

type Partes = NonNullable<Dependencias['quarentena']>;

/** One whole record, without the words for the command line. */
export type RegistroDaQuarentena = Omit<Mostra, 'saida'>;

/** As the command says it; `registros` only the first ones. */
export type ReenvioDaQuarentena = Reenviadas & { ate: number };

/** Where the words of the command line would mislead. */
const PALAVRAS: Partial<Record<CodigoHttp, string>> = {
  QUARENTENA_DESCONHECIDA: 'não há na quarentena um registro com este id',
  QUARENTENA_SUPERADA: 'outra apuração já decidiu este registro de novo; se ainda espera, tem outro id',
  EDICAO_INVALIDA: 'diga campo e valor, como canal e telefone; um registro ilegível só se corrige com o evento inteiro',
  IDENTIDADE_DIVERGENTE: 'a correção traz outro source ou id que o registro: confirme que devem mudar',
};

function comoHttp(error: unknown, { sinal }: Partes): unknown {
  if (error instanceof RetryableError && sinal?.aborted === true) {
    const detail = 'o serviço está parando; o que já voltou não volta de novo: peça outra vez';
    return new ErroHttp('SERVICO_INDISPONIVEL', detail, { retryAfter: ESPERA, cause: error });
  }
  if (!(error instanceof CodedError) || !Object.hasOwn(ERROS_HTTP, error.code)) return error;
  const codigo = error.code as CodigoHttp;
  return new ErroHttp(codigo, PALAVRAS[codigo] ?? error.message, { cause: error });
}

type Trabalho<T> = (partes: Partes, request: FastifyRequest, credencial: string) => Promise<T>;

/**
 * The quarantine: what waits, from an index of it; one record, its correction and its replay by the same code as `atendido
 * quarantine`.
 */
export function registraQuarentena(contexto: ContextoDoPainel): void {
  const { app, exigeQuem } = contexto;
  leiturasDoIndice(contexto, OPERACAO);
  // One alone may write.
  const emFila = umDeCadaVez();
  const rota = <T>(method: 'GET' | 'POST', url: string, schema: object, trabalho: Trabalho<T>): void => {
    app.route({
      method,
      url: `/painel/dados/quarentena${url}`,
      schema: { hide: true, ...schema },
      onRequest: antesDoCorpo(exigeQuem, OPERACAO),
      handler: async (request, reply: FastifyReply): Promise<T> => {
        const { quarentena, credencial } = exigeQuem(request, OPERACAO);
        if (quarentena === undefined) {
          throw iniciando();
        }
        reply.header('cache-control', 'no-store');
        try {
          return await emFila(async () => {
            exigeQueSiga(quarentena);
            return await trabalho(quarentena, request, credencial.id);
          });
        } catch (error) {
          throw comoHttp(error, quarentena);
        }
      },
    });
  };
  rota('GET', '/registro', { querystring: z.strictObject({ id }) }, (partes, { query }) => {
    return registroInteiro(partes, (query as { id: string }).id);
  });
  rota('GET', '/evento', { querystring: z.strictObject({ id }) }, (partes, { query }) => {
    return eventoDoRegistro(partes, (query as { id: string }).id);
  });
  rota('POST', '/correcao', { body: pedidoDeCorrecao }, (partes, request, credencial) => {
    const { registra: pseudonimo } = exigeQuem(request, OPERACAO);
    if (pseudonimo === undefined) throw iniciando();
    const pedido = request.body as z.infer<typeof pedidoDeCorrecao>;
    return corrigeUma(partes, pedido, { por: credencial, credencial, pseudonimo });
  });
  rota('POST', '/reenvio', { body: pedidoDeReenvio }, (partes, request, credencial) => {
    return reenviaAs(partes, request.body as z.infer<typeof pedidoDeReenvio>, credencial);
  });
}

async function registroInteiro(partes: Partes, qual: string): Promise<RegistroDaQuarentena> {
  const [lido] = await visiveisPorId(partes, [qual]);
  const { saida: _, ...visivel } = await mostra(partes, qual);
  return lido === undefined ? visivel : semEsquecidos(partes.seguidas.esquecimentos, lido, visivel);
}

/** The event of a record, corrected where it was, as a dry run takes it. */
async function eventoDoRegistro(partes: Partes, qual: string): Promise<EventoDoLog> {
  await partes.resolucoes.atualiza();
  const [[lido], feito] = await Promise.all([visiveisPorId(partes, [qual]), partes.resolucoes.inteira(qual)]);
  const correcao = feito?.correcao ?? null;
  const interacao = correcao === null ? lido?.interacao : await leInteracao(partes.interacoes, correcao.valor);
  if (lido === undefined || interacao == null)
    throw new ErroHttp('EVENTO_NAO_ENCONTRADO', 'o registro é ilegível: não há evento que ensaiar');
  const { esquecimentos } = partes.seguidas;
  const visivel = interacaoVisivel(esquecimentos, lido, interacao);
  const evento = semEsquecidos(esquecimentos, lido, eventoComPessoas(visivel));
  // Where no CPF stands anywhere, digits that only look like one are a CNPJ's, or an id's.
  return { evento: campoComCpf(visivel) === null ? evento : semCpf(evento) };
}

type DeQuem = Pick<Parameters<typeof corrige>[1], 'por' | 'pseudonimo'> & { credencial: string };

async function corrigeUma(
  partes: Partes,
  { id: qual, edicoes, evento, outraIdentidade }: z.infer<typeof pedidoDeCorrecao>,
  deQuem: DeQuem,
): Promise<Corrigida> {
  if ((edicoes === undefined) === (evento === undefined)) {
    throw new ErroHttp('ESQUEMA_INVALIDO', 'diga edicoes ou evento: um dos dois');
  }
  await visiveisPorId(partes, [qual]);
  const correcoes =
    edicoes === undefined ? { evento } : { edicoes: edicoes.map((e) => leEdicao(`${e.campo}=${e.valor}`)) };
  return corrige(partes, { id: qual, correcoes, outraIdentidade, ...deQuem });
}

/** The records a replay is asked for: by their ids, or as the list shows them. */
async function asPedidas(
  partes: Partes,
  { ids = [], ate, prontas: _p, aplica: _a, situacao, ...filtros }: z.infer<typeof pedidoDeReenvio> & { ate: number },
): Promise<{ ids: string[]; so?: ReadonlySet<string>; entradas: readonly Entrada[] }> {
  if (ids.length > 0 === Object.values(filtros).some((f) => f !== undefined)) {
    throw new ErroHttp('ESQUEMA_INVALIDO', 'diga ids, ou ao menos um filtro: um dos dois');
  }
  if (ids.length > 0) {
    const lidos = await visiveisPorId(partes, ids);
    return { ids, entradas: lidos.map(({ um, interacao }) => entradaDe(um, interacao)) };
  }
  const achadas = filtra(await sabidosDe(partes), { ...filtros, situacao }).filter(({ postaEm }) => postaEm < ate);
  return { ids: [], so: new Set(achadas.map((e) => e.id)), entradas: achadas };
}

async function reenviaAs(
  partes: Partes,
  pedido: z.infer<typeof pedidoDeReenvio>,
  credencial: string,
): Promise<ReenvioDaQuarentena> {
  const { prontas, ate = Date.now(), aplica } = pedido;
  const { entradas, ...quais } = await asPedidas(partes, { ...pedido, ate });
  const autor = aplica ? { por: credencial, execucao: randomUUID(), credencial } : null;
  const feitas = await reenviaSelecao(partes, { ...quais, prontas }, autor, () => undefined);
  const porId = new Map(entradas.map((e) => [e.id, e]));
  const registros = feitas.registros.slice(0, LIMITE).map((r) => {
    const entrada = porId.get(r.id);
    return entrada === undefined ? r : semEsquecidosDe(partes.seguidas.esquecimentos, entrada, r);
  });
  return { ...feitas, ate, registros };
}
