import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { eventoComPessoas } from '#domain/evento-conhecido.ts';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { CodedError } from '#platform/errors.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { type CodigoHttp, ERROS_HTTP, ErroHttp } from '#platform/http/erros.ts';
import { iniciando } from '#platform/http/traduz.ts';
import { type Corrigida, corrige } from '#platform/quarentena/correcao.ts';
import { leEdicao } from '#platform/quarentena/edicao.ts';
import { leInteracao } from '#platform/quarentena/ensaio.ts';
import { type Mostra, mostra } from '#platform/quarentena/mostra.ts';
import { type Reenviadas, reenviaSelecao } from '#platform/quarentena/replay.ts';
import { resume } from '#platform/quarentena/resumo.ts';
import {
  maisNovas,
  type PartesDaQuarentena,
  type Pendente,
  pendentes,
  registroDeId,
} from '#platform/quarentena/selecao.ts';
import { semCpf } from '#platform/quarentena/visivel.ts';
import type { EventoDoLog } from './evento.ts';
import { umDeCadaVez } from './fila.ts';
import type { ContextoDoPainel } from './rotas.ts';

const OPERACAO: Papel[] = ['operacao'];
const LIMITE = 100;
/** The most records that one request replays: it answers once they are back. */
const MAXIMO_DE_IDS = 1_000;

const texto = z.string().min(1).max(512);
const id = z.string().regex(/^\d{1,9}\/\d{1,15}$/, 'um id é como 3/1842');
const doMotivo = z.strictObject({ motivo: texto.optional(), source: texto.optional() });
const edicao = z.strictObject({ campo: texto, valor: z.string().max(4_096) });
const pedidoDeCorrecao = z.strictObject({
  id,
  edicoes: z.array(edicao).min(1).max(50).optional(),
  evento: z.looseObject({}).optional(),
  outraIdentidade: z.boolean().default(false),
});
const pedidoDeReenvio = z.strictObject({
  ids: z.array(id).min(1).max(MAXIMO_DE_IDS).optional(),
  motivo: texto.optional(),
  source: texto.optional(),
  prontas: z.boolean().default(false),
  /** What was set aside before (ms): a replay takes no more than its rehearsal saw. Default: now. */
  ate: z.number().int().positive().optional(),
  /** false: a dry run. */
  aplica: z.boolean().default(false),
});

/** The records of a reason, the newest first. */
export interface ListaDaQuarentena {
  total: number;
  registros: Omit<Pendente, 'hoje'>[];
}

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

function comoHttp(error: unknown): unknown {
  if (!(error instanceof CodedError) || !Object.hasOwn(ERROS_HTTP, error.code)) return error;
  const codigo = error.code as CodigoHttp;
  return new ErroHttp(codigo, PALAVRAS[codigo] ?? error.message, { cause: error });
}

type Trabalho<T> = (partes: PartesDaQuarentena, request: FastifyRequest, credencial: string) => Promise<T>;

/** The quarantine, by the same code as `atendido quarantine`: what waits, one record, its correction, its replay. */
export function registraQuarentena({ app, exigeQuem }: ContextoDoPainel): void {
  // What has been resolved is read on from where the last reading ended, and one alone may write.
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
          return await emFila(() => trabalho(quarentena, request, credencial.id));
        } catch (error) {
          throw comoHttp(error);
        }
      },
    });
  };
  rota('GET', '', {}, (partes) => resume(partes, Date.now()));
  rota('GET', '/registros', { querystring: doMotivo }, lista);
  rota('GET', '/registro', { querystring: z.strictObject({ id }) }, async (partes, { query }) => {
    const { saida: _, ...visivel } = await mostra(partes, (query as { id: string }).id);
    return visivel satisfies RegistroDaQuarentena;
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

/** The event of a record, corrected where it was, as a dry run takes it. */
async function eventoDoRegistro(partes: PartesDaQuarentena, qual: string): Promise<EventoDoLog> {
  await partes.resolucoes.atualiza();
  const [um, feito] = await Promise.all([registroDeId(partes, qual), partes.resolucoes.inteira(qual)]);
  const interacao = await leInteracao(partes.interacoes, feito?.correcao?.valor ?? um.registro.valor);
  if (interacao === null)
    throw new ErroHttp('EVENTO_NAO_ENCONTRADO', 'o registro é ilegível: não há evento que ensaiar');
  return { evento: semCpf(eventoComPessoas(interacao)) };
}

async function lista(partes: PartesDaQuarentena, { query }: FastifyRequest): Promise<ListaDaQuarentena> {
  const todos = await pendentes(partes, query as z.infer<typeof doMotivo>, false);
  const novos = maisNovas(todos, LIMITE);
  return { total: todos.length, registros: novos.map(({ hoje: _, ...um }) => um) };
}

type DeQuem = Pick<Parameters<typeof corrige>[1], 'por' | 'pseudonimo'> & { credencial: string };

function corrigeUma(
  partes: PartesDaQuarentena,
  { id: qual, edicoes, evento, outraIdentidade }: z.infer<typeof pedidoDeCorrecao>,
  deQuem: DeQuem,
): Promise<Corrigida> {
  if ((edicoes === undefined) === (evento === undefined)) {
    throw new ErroHttp('ESQUEMA_INVALIDO', 'diga edicoes ou evento: um dos dois');
  }
  const correcoes =
    edicoes === undefined ? { evento } : { edicoes: edicoes.map((e) => leEdicao(`${e.campo}=${e.valor}`)) };
  return corrige(partes, { id: qual, correcoes, outraIdentidade, ...deQuem });
}

async function reenviaAs(
  partes: PartesDaQuarentena,
  { ids = [], motivo, source, prontas, ate = Date.now(), aplica }: z.infer<typeof pedidoDeReenvio>,
  credencial: string,
): Promise<ReenvioDaQuarentena> {
  const filtrada = motivo !== undefined || source !== undefined;
  if (ids.length > 0 === filtrada) {
    throw new ErroHttp('ESQUEMA_INVALIDO', 'diga ids, ou motivo e source: um dos dois');
  }
  const autor = aplica ? { por: credencial, execucao: randomUUID(), credencial } : null;
  const feitas = await reenviaSelecao(
    partes,
    { ids, motivo, source, prontas, ...(filtrada && { ate }) },
    autor,
    () => undefined,
  );
  return { ...feitas, ate, registros: feitas.registros.slice(0, LIMITE) };
}
