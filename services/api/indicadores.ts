import { z } from 'zod';
import { UNIDADES } from '#domain/contrato.ts';
import type { Indicador, Rulebooks } from '#domain/rulebook.ts';
import { anoDe, inicioDoDia, mesDe, somaMeses } from '#domain/tempo.ts';
import type { ContadoDeIndicador } from '#platform/estado/leitor.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { type ClientesAte, clientesAte, clientesAteODia, variacaoConhecida } from './ate-o-dia.ts';
import { comFormato } from './leitura.ts';
import { COMPARACOES, type Comparacao, noMes, umDia } from './periodos.ts';

const medidas = z.object({ clientes: z.number(), atendimentos: z.number() });
export type Medidas = z.infer<typeof medidas>;
const corte = z.record(z.string(), medidas).nullable();

/** What an indicator may be filtered by beside the unit: one at a time, for these are the counters there are. */
const FILTROS = { tipoSolucao: 'tipo', modalidade: 'modalidade', mes: 'mes' } as const;
type Filtro = keyof typeof FILTROS;
const DOS_FILTROS = Object.keys(FILTROS) as Filtro[];

const texto = z.string().min(1).max(512);

export const consultaDeIndicador = z.strictObject({
  periodo: z
    .string()
    .regex(/^[1-9]\d{3}(-(0[1-9]|1[0-2]))?$/, 'use 2026, ou 2026-03 em indicador por mês')
    .optional()
    .describe('padrão: o atual'),
  unidade: z.enum(UNIDADES, 'use a sigla de uma UF, ou NA').optional(),
  tipoSolucao: texto.optional(),
  modalidade: texto.optional(),
  mes: z
    .string()
    .regex(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/, 'use 2026-03')
    .optional()
    .describe('além da unidade, um só entre tipoSolucao, modalidade e mes'),
  ate: umDia
    .optional()
    .describe(
      'os clientes atendidos do começo do período até este dia, incluído; com `comparar`, até o mesmo dia de antes',
    ),
  comparar: z
    .enum(COMPARACOES)
    .optional()
    .describe('os mesmos números, inteiros, no período de antes, ou no mesmo do ano anterior'),
  ...comFormato,
});
export type ConsultaDeIndicador = z.infer<typeof consultaDeIndicador>;

export const respostaDeIndicador = z.object({
  codigo: z.string(),
  nome: z.string(),
  periodo: z.string(),
  unidade: z.string().nullable().describe('nulo: todas'),
  tipoSolucao: z.string().nullable().describe('nulo: todos'),
  modalidade: z.string().nullable(),
  mes: z.string().nullable(),
  ...medidas.shape,
  porUnidade: z
    .record(z.string(), medidas)
    .describe('um cliente atendido por duas unidades está em ambas: a soma pode passar do total'),
  porTipo: corte.describe('nulo, como os outros cortes: não se guarda junto com este filtro'),
  porModalidade: corte,
  porMes: corte,
  porPropostaValor: z
    .record(z.string(), z.object({ atendimentos: z.number() }))
    .nullable()
    .describe('dos tipos de cada uma; clientes não se somam'),
  ateODia: clientesAte
    .extend({ variacao: z.number().nullable().optional().describe('com `comparar`; nula se não há de que variar') })
    .optional()
    .describe('com `ate`'),
  anterior: z.object({ periodo: z.string(), ...medidas.shape, ateODia: clientesAte.optional() }).optional(),
});
export type RespostaDeIndicador = z.infer<typeof respostaDeIndicador>;

export const listaDeIndicadores = z.array(
  z.object({
    codigo: z.string(),
    nome: z.string(),
    publico: z.array(z.enum(['pf', 'pj'])),
    periodo: z.enum(['ano', 'mes']),
    excluiTipos: z.array(z.string()),
    somenteTipos: z.array(z.string()).nullable(),
  }),
);

export type ListaDeIndicadores = z.infer<typeof listaDeIndicadores>;

/** The indicators in force at an instant. */
export function indicadoresEm(rulebooks: Rulebooks, time: number): z.infer<typeof listaDeIndicadores> {
  return Object.entries(rulebooks.em(time).indicadores).map(([codigo, i]) => ({
    codigo,
    nome: i.nome,
    publico: i.publico,
    periodo: i.periodo,
    excluiTipos: i.excluiTipos ?? [],
    somenteTipos: i.somenteTipos ?? null,
  }));
}

function definicao(rulebooks: Rulebooks, codigo: string, time: number): Indicador | undefined {
  const { indicadores } = rulebooks.em(time);
  return Object.hasOwn(indicadores, codigo) ? indicadores[codigo] : undefined;
}

/** What is asked of an indicator, once it is known to exist. */
export interface PedidoDeIndicador {
  codigo: string;
  indicador: Indicador;
  periodo: string;
  /** The period it is held against, and how many months before it is; null: not compared. */
  anterior: { periodo: string; meses: number } | null;
  /** A day of the period; null: not asked for. */
  ate: string | null;
  unidade: string | null;
  filtro: { qual: Filtro; valor: string } | null;
}

function periodoAntes(periodo: string, comparacao: Comparacao): PedidoDeIndicador['anterior'] {
  if (periodo.length === 4) return { periodo: String(Number(periodo) - 1), meses: 12 };
  const meses = comparacao === 'anterior' ? 1 : 12;
  return { periodo: somaMeses(periodo, -meses), meses };
}

/** @throws ErroHttp PARAMETRO_INVALIDO, CORTE_NAO_GUARDADO */
function confereAte({ ate, ...q }: ConsultaDeIndicador, periodo: string): string | null {
  if (ate === undefined) return null;
  if (!ate.startsWith(periodo)) throw new ErroHttp('PARAMETRO_INVALIDO', `ate: ${ate} não é de ${periodo}`);
  const cortes = ['unidade', ...DOS_FILTROS].filter((f) => q[f as Filtro | 'unidade'] !== undefined);
  if (cortes.length > 0) {
    const detalhe = `peça ate ou ${cortes.join(' e ')}: o dia do primeiro atendimento se guarda do total só`;
    throw new ErroHttp('CORTE_NAO_GUARDADO', detalhe);
  }
  return ate;
}

function filtroDe(q: ConsultaDeIndicador): PedidoDeIndicador['filtro'] {
  const dados = DOS_FILTROS.filter((f) => q[f] !== undefined);
  if (dados.length > 1) {
    const detalhe = `peça ${dados.join(' ou ')}: além da unidade, guarda-se um corte de cada vez`;
    throw new ErroHttp('CORTE_NAO_GUARDADO', detalhe);
  }
  const [qual] = dados;
  return qual === undefined ? null : { qual, valor: q[qual] ?? '' };
}

/**
 * What an indicator is and which period is asked for.
 * @throws ErroHttp INDICADOR_DESCONHECIDO, PARAMETRO_INVALIDO, CORTE_NAO_GUARDADO
 */
export function resolve(codigo: string, q: ConsultaDeIndicador, rulebooks: Rulebooks, agora: number) {
  const padrao = q.ate === undefined ? agora : inicioDoDia(q.ate);
  const inicio = q.periodo === undefined ? padrao : inicioDoDia(`${q.periodo}-01-01`.slice(0, 10));
  const indicador = definicao(rulebooks, codigo, inicio) ?? definicao(rulebooks, codigo, agora);
  if (indicador === undefined) {
    throw new ErroHttp('INDICADOR_DESCONHECIDO', 'veja os indicadores em GET /v1/indicadores');
  }
  const doPeriodo = indicador.periodo === 'ano' ? anoDe(padrao) : mesDe(padrao);
  if (q.periodo !== undefined && q.periodo.length !== doPeriodo.length) {
    const forma = indicador.periodo === 'ano' ? 'por ano: 2026' : 'por mês: 2026-03';
    throw new ErroHttp('PARAMETRO_INVALIDO', `periodo: este indicador é ${forma}`);
  }
  const periodo = q.periodo ?? doPeriodo;
  if (q.mes !== undefined && !q.mes.startsWith(periodo)) {
    throw new ErroHttp('PARAMETRO_INVALIDO', `mes: ${q.mes} não é de ${periodo}`);
  }
  const anterior = q.comparar === undefined ? null : periodoAntes(periodo, q.comparar);
  const ate = confereAte(q, periodo);
  return { codigo, indicador, periodo, anterior, ate, unidade: q.unidade ?? null, filtro: filtroDe(q) };
}

type Contado = ContadoDeIndicador;

const NADA: Medidas = { clientes: 0, atendimentos: 0 };

function acumula(contadores: readonly Contado[], valorDe: (c: Contado) => string): Record<string, Medidas> {
  const porNome = new Map<string, Medidas>();
  for (const c of contadores) {
    const m = porNome.get(valorDe(c)) ?? { ...NADA };
    m[c.medida] += c.n;
    porNome.set(valorDe(c), m);
  }
  const ordenado = [...porNome].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(ordenado);
}

/** The counters that a pedido's totals are, of every unit. */
function doFiltro(contadores: readonly Contado[], { filtro }: PedidoDeIndicador): Contado[] {
  const dimensao = filtro === null ? 'total' : FILTROS[filtro.qual];
  const valor = filtro?.valor ?? '';
  return contadores.filter((c) => c.dimensao === dimensao && c.valor === valor);
}

function totalDe(contadores: readonly Contado[], pedido: PedidoDeIndicador): Medidas {
  const escopo = pedido.unidade ?? '*';
  const total = acumula(
    doFiltro(contadores, pedido).filter((c) => c.unidade === escopo),
    () => '',
  );
  return total[''] ?? NADA;
}

/** What is asked of a period, asked of the one it is held against: the month that is as far before. */
function noAnterior(pedido: PedidoDeIndicador, meses: number): PedidoDeIndicador {
  const { filtro } = pedido;
  if (filtro?.qual !== 'mes') return pedido;
  return { ...pedido, filtro: { ...filtro, valor: somaMeses(filtro.valor, -meses) } };
}

/** What the period before came to, where it is compared, and both by the day asked for. */
function comparada(pedido: PedidoDeIndicador, contadores: readonly Contado[], antes: readonly Contado[] | null) {
  const { ate, anterior } = pedido;
  const ateODia = ate === null ? null : clientesAteODia(contadores, ate);
  if (antes === null || anterior === null) return { ...(ateODia && { ateODia }) };
  const { periodo, meses } = anterior;
  const total = { periodo, ...totalDe(antes, noAnterior(pedido, meses)) };
  if (ate === null || ateODia === null) return { anterior: total };
  const noDia: ClientesAte = clientesAteODia(antes, noMes(ate, somaMeses(ate.slice(0, 7), -meses)));
  return {
    ateODia: { ...ateODia, variacao: variacaoConhecida(ateODia.clientes, noDia.clientes) },
    anterior: { ...total, ateODia: noDia },
  };
}

function porProposta(porTipo: Record<string, Medidas>, propostaDe: (tipo: string) => string) {
  const soma: Record<string, { atendimentos: number }> = {};
  for (const [tipo, { atendimentos }] of Object.entries(porTipo)) {
    const proposta = propostaDe(tipo);
    soma[proposta] = { atendimentos: (soma[proposta]?.atendimentos ?? 0) + atendimentos };
  }
  return soma;
}

/** The value proposition of a type, as the rulebook in force at the end of the period has it. */
export function propostasEm(rulebooks: Rulebooks, periodo: string): (tipo: string) => string {
  const { tiposSolucao } = rulebooks.em(inicioDoDia(periodo.length > 4 ? `${periodo}-01` : `${periodo}-12-31`));
  return (tipo) => (Object.hasOwn(tiposSolucao, tipo) ? tiposSolucao[tipo]?.propostaValor : undefined) ?? '';
}

/** An indicator's counters laid out. @param antes those of the period before; null: not compared */
export function resposta(
  pedido: PedidoDeIndicador,
  contadores: readonly Contado[],
  antes: readonly Contado[] | null,
  propostaDe: (tipo: string) => string,
): RespostaDeIndicador {
  const { codigo, indicador, periodo, unidade, filtro } = pedido;
  const escopo = unidade ?? '*';
  const corte = (qual: Filtro) => {
    const daUnidade = contadores.filter((c) => c.unidade === escopo && c.dimensao === FILTROS[qual]);
    if (filtro === null) return acumula(daUnidade, (c) => c.valor);
    if (filtro.qual !== qual) return null;
    return acumula(
      daUnidade.filter((c) => c.valor === filtro.valor),
      (c) => c.valor,
    );
  };
  const unidades = doFiltro(contadores, pedido).filter(
    (c) => c.unidade !== '*' && (unidade ?? c.unidade) === c.unidade,
  );
  const porTipo = corte('tipoSolucao');
  const valorDe = (qual: Filtro): string | null => (filtro?.qual === qual ? filtro.valor : null);
  return {
    codigo,
    nome: indicador.nome,
    periodo,
    unidade,
    tipoSolucao: valorDe('tipoSolucao'),
    modalidade: valorDe('modalidade'),
    mes: valorDe('mes'),
    ...totalDe(contadores, pedido),
    porUnidade: acumula(unidades, (c) => c.unidade),
    porTipo,
    porModalidade: corte('modalidade'),
    porMes: corte('mes'),
    porPropostaValor: porTipo === null ? null : porProposta(porTipo, propostaDe),
    ...comparada(pedido, contadores, antes),
  };
}
