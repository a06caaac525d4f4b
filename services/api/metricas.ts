import { z } from 'zod';
import { UNIDADES } from '#domain/contrato.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { anoDe, diaDe, mesesEntre } from '#domain/tempo.ts';
import type { ContadoDeMetrica, LeituraDeEstado, Versao } from '#platform/estado/leitor.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { csvDe } from './csv.ts';
import { comFormato } from './leitura.ts';
import { type Chave, ordena, pagina, parametrosDePagina } from './pagina.ts';
import { COMPARACOES, type Comparado, comparado, diasDe, type Intervalo, umDia } from './periodos.ts';
import { CAMPOS, type Campo, FILTROS, type Filtros, type Pedido, somaDosMeses } from './soma-das-metricas.ts';

const PADRAO: readonly Campo[] = ['metrica', 'motivo'];
const DIAS_NO_MAXIMO = 1_100;
const ITENS_NO_MAXIMO = 10_000;

const texto = z.string().min(1).max(512);

export const consultaDeMetricas = z.strictObject({
  de: umDia.optional().describe('primeiro dia (padrão: 1º de janeiro deste ano)'),
  ate: umDia.optional().describe('último dia, incluído (padrão: hoje)'),
  dia: umDia.optional().describe('um dia só, em vez de de e ate'),
  metrica: texto.optional(),
  motivo: texto.optional(),
  tipoSolucao: texto.optional(),
  propostaValor: texto.optional().describe('a do tipo, pelo rulebook em vigor no dia'),
  unidade: z.enum(UNIDADES, 'use a sigla de uma UF, ou NA').optional(),
  canal: texto.optional(),
  agrupar: z
    .string()
    .default(PADRAO.join(','))
    .transform((lista) => [...new Set(lista.split(',').map((c) => c.trim()))])
    .pipe(z.array(z.enum(CAMPOS)).min(1))
    .describe(`por que somar, com vírgulas: ${CAMPOS.join(', ')}`),
  comparar: z
    .enum(COMPARACOES)
    .optional()
    .describe('anterior: o período de antes, de tantos dias (meses inteiros, se de e ate são); ou o de um ano antes'),
  ordem: z.enum(['n', 'nome']).default('n').describe('n: do maior para o menor; nome: pelos campos de agrupar'),
  ...parametrosDePagina(ITENS_NO_MAXIMO, ITENS_NO_MAXIMO),
  ...comFormato,
});
export type ConsultaDeMetricas = z.infer<typeof consultaDeMetricas>;

const comAnterior = {
  anterior: z.number().optional().describe('o mesmo, no período comparado; só com comparar'),
  variacao: z.number().nullable().optional().describe('(n − anterior) ÷ anterior; nulo se anterior é zero'),
};

const item = z.object({
  metrica: z.string().optional(),
  motivo: z.string().optional(),
  tipoSolucao: z.string().nullable().optional(),
  propostaValor: z.string().nullable().optional(),
  unidade: z.string().optional(),
  canal: z.string().nullable().optional(),
  dia: z.string().optional(),
  mes: z.string().optional(),
  n: z.number(),
  ...comAnterior,
});
export type ItemDeMetricas = z.infer<typeof item>;

export const respostaDeMetricas = z.object({
  de: z.string(),
  ate: z.string(),
  agrupar: z.array(z.string()),
  total: z.number().describe('de todos os itens, também os de outras páginas'),
  anterior: z.object({ de: z.string(), ate: z.string(), total: z.number() }).optional(),
  itens: z.array(item),
  proximo: z.string().nullable().describe('o endereço da próxima página; nulo: não há'),
});
/** An answer; `proximo` is only the cursor of the next page. */
export type PaginaDeMetricas = z.infer<typeof respostaDeMetricas>;

/** The days asked for. @throws ErroHttp PARAMETRO_INVALIDO */
function intervalo(q: Pick<ConsultaDeMetricas, 'de' | 'ate' | 'dia'>, agora: number): Intervalo {
  const de = q.dia ?? q.de ?? `${anoDe(agora)}-01-01`;
  const ate = q.dia ?? q.ate ?? diaDe(agora);
  if (ate < de) throw new ErroHttp('PARAMETRO_INVALIDO', `ate: ${ate} é antes de ${de}`);
  if (diasDe({ de, ate }) > DIAS_NO_MAXIMO) {
    throw new ErroHttp('PARAMETRO_INVALIDO', `ate: peça no máximo ${DIAS_NO_MAXIMO} dias de cada vez`);
  }
  return { de, ate };
}

/** The counters of each month that an answer needs. */
type PorMes = ReadonlyMap<string, readonly ContadoDeMetrica[]>;

const mesesDe = ({ de, ate }: Intervalo): string[] => mesesEntre(de.slice(0, 7), ate.slice(0, 7));

/** The months of a period, and of the one it is held against. */
function mesesDeTodos(...periodos: readonly (Intervalo | null)[]): string[] {
  return [...new Set(periodos.flatMap((p) => (p === null ? [] : mesesDe(p))))].sort();
}

/** What an answer about metricas needs: found out before anything is read. */
export interface PedidoDeMetricas {
  periodo: Intervalo;
  antes: Comparado | null;
  meses: readonly string[];
}

/** @throws ErroHttp PARAMETRO_INVALIDO */
export function pedidoDe(q: ConsultaDeMetricas, agora: number): PedidoDeMetricas {
  const periodo = intervalo(q, agora);
  const antes = q.comparar === undefined ? null : comparado(periodo, q.comparar);
  return { periodo, antes, meses: mesesDeTodos(periodo, antes) };
}

const numeroComQuatroCasas = (n: number): number => Math.round(n * 10_000) / 10_000;

/** By what part something grew; null: there is nothing it could have grown from. */
export function variacaoDe(n: number, anterior: number): number | null {
  return anterior === 0 ? null : numeroComQuatroCasas((n - anterior) / anterior);
}

function filtrosDe(q: ConsultaDeMetricas): Filtros {
  return Object.fromEntries(FILTROS.flatMap((f) => (q[f] === undefined ? [] : [[f, q[f]]])));
}

/** The items of both periods. One that only the period before had is here too, as nothing. */
function itensDe(porMes: PorMes, pedido: Pedido, { periodo, antes }: PedidoDeMetricas) {
  const listas = (p: Intervalo) => mesesDe(p).map((mes) => porMes.get(mes) ?? []);
  const agora = somaDosMeses(listas(periodo), pedido, periodo);
  const noAnterior = antes === null ? null : somaDosMeses(listas(antes), pedido, antes);
  const diaEm = pedido.agrupar.indexOf('dia');
  const todos = new Map([...(noAnterior?.grupos ?? []), ...agora.grupos]);
  const itens: ItemDeMetricas[] = [];
  for (const [nome, { valores }] of todos) {
    // A day without a counterpart is in the total alone.
    if (valores[diaEm] === '') continue;
    const n = agora.grupos.get(nome)?.n ?? 0;
    // Absent is null, as everywhere; the counters' names have it empty.
    const campos = Object.fromEntries(pedido.agrupar.map((campo, i) => [campo, valores[i] || null]));
    const anterior = noAnterior?.grupos.get(nome)?.n ?? 0;
    itens.push({ ...campos, n, ...(noAnterior && { anterior, variacao: variacaoDe(n, anterior) }) });
  }
  return { itens, total: agora.total, totalAnterior: noAnterior?.total ?? 0 };
}

/**
 * The page of an answer about metricas.
 * @throws ErroHttp PARAMETRO_INVALIDO a cursor of another query
 */
export function respostaDasMetricas(
  q: ConsultaDeMetricas,
  pedido: PedidoDeMetricas,
  porMes: PorMes,
  rulebooks: Rulebooks,
): PaginaDeMetricas {
  const { agrupar } = q;
  const { periodo, antes } = pedido;
  const porNome = (i: ItemDeMetricas): Chave => agrupar.map((campo) => i[campo] ?? '');
  const chaveDe = q.ordem === 'nome' ? porNome : (i: ItemDeMetricas): Chave => [i.n, ...porNome(i)];
  const decrescente = q.ordem === 'nome' ? [] : [0];
  const { limite, cursor, ordem, comparar } = q;
  const filtros = filtrosDe(q);
  const somado = itensDe(porMes, { filtros, agrupar, rulebooks }, pedido);
  // Said the same way whether the days were said or not.
  const consulta = { ...periodo, filtros, agrupar, ordem, comparar };
  const itens = ordena(somado.itens, chaveDe, decrescente);
  return {
    ...periodo,
    agrupar: [...agrupar],
    total: somado.total,
    ...(antes && { anterior: { de: antes.de, ate: antes.ate, total: somado.totalAnterior } }),
    ...pagina({ itens, chaveDe, decrescente, limite, cursor, consulta }),
  };
}

/** The counters of each month, of one generation. */
export async function lePorMes(
  leitura: LeituraDeEstado,
  meses: readonly string[],
): Promise<{ versao: string; le: () => Promise<Versao<PorMes>> }> {
  const contados = await leitura.metricas(meses);
  const le = async () => {
    const { versao, valor } = await contados.le();
    return { versao, valor: new Map(meses.map((mes, i) => [mes, valor[i]?.valor ?? []])) };
  };
  return { versao: contados.versao, le };
}

export function csvDeMetricas({ agrupar, anterior, itens }: PaginaDeMetricas): string {
  const comparadas = anterior === undefined ? [] : (['anterior', 'variacao'] as const);
  return csvDe([...(agrupar as Campo[]), 'n', ...comparadas], itens);
}
