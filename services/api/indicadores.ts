import { z } from 'zod';
import { UNIDADES } from '#domain/contrato.ts';
import type { Indicador, Rulebooks } from '#domain/rulebook.ts';
import { anoDe, inicioDoDia, mesDe, somaMeses } from '#domain/tempo.ts';
import type { ContadoDeIndicador } from '#platform/estado/leitor.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { type Celula, csv } from './csv.ts';
import { comFormato } from './leitura.ts';

const medidas = z.object({ clientes: z.number(), atendimentos: z.number() });
type Medidas = z.infer<typeof medidas>;
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
  comparar: z.literal('anterior').optional().describe('os mesmos números no período de antes, inteiro'),
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
  anterior: z.object({ periodo: z.string(), ...medidas.shape }).optional(),
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
  /** null: not compared. */
  anterior: string | null;
  unidade: string | null;
  filtro: { qual: Filtro; valor: string } | null;
}

function periodoAntes(periodo: string): string {
  return periodo.length > 4 ? somaMeses(periodo, -1) : String(Number(periodo) - 1);
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
  const inicio = q.periodo === undefined ? agora : inicioDoDia(`${q.periodo}-01-01`.slice(0, 10));
  const indicador = definicao(rulebooks, codigo, inicio) ?? definicao(rulebooks, codigo, agora);
  if (indicador === undefined) {
    throw new ErroHttp('INDICADOR_DESCONHECIDO', 'veja os indicadores em GET /v1/indicadores');
  }
  const doPeriodo = indicador.periodo === 'ano' ? anoDe(agora) : mesDe(agora);
  if (q.periodo !== undefined && q.periodo.length !== doPeriodo.length) {
    const forma = indicador.periodo === 'ano' ? 'por ano: 2026' : 'por mês: 2026-03';
    throw new ErroHttp('PARAMETRO_INVALIDO', `periodo: este indicador é ${forma}`);
  }
  const periodo = q.periodo ?? doPeriodo;
  if (q.mes !== undefined && !q.mes.startsWith(periodo)) {
    throw new ErroHttp('PARAMETRO_INVALIDO', `mes: ${q.mes} não é de ${periodo}`);
  }
  const anterior = q.comparar === undefined ? null : periodoAntes(periodo);
  return { codigo, indicador, periodo, anterior, unidade: q.unidade ?? null, filtro: filtroDe(q) };
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

/** A period's counters on the month of `mes`: the same month of the year before. */
function noAnterior(pedido: PedidoDeIndicador): PedidoDeIndicador {
  const { filtro, periodo } = pedido;
  if (filtro?.qual !== 'mes') return pedido;
  return { ...pedido, filtro: { ...filtro, valor: somaMeses(filtro.valor, periodo.length > 4 ? -1 : -12) } };
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
  const { codigo, indicador, periodo, anterior, unidade, filtro } = pedido;
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
    ...(antes !== null &&
      anterior !== null && { anterior: { periodo: anterior, ...totalDe(antes, noAnterior(pedido)) } }),
  };
}

/** One line for each figure: what it is of, then the figures. */
export function csvDeIndicador(r: RespostaDeIndicador): string {
  const cortes = [
    ['unidade', r.porUnidade],
    ['tipoSolucao', r.porTipo],
    ['modalidade', r.porModalidade],
    ['mes', r.porMes],
    ['propostaValor', r.porPropostaValor],
  ] as const;
  const linha = (periodo: string, corte: string, valor: string, m: Partial<Medidas>): Celula[] => {
    return [r.codigo, periodo, r.unidade, corte, valor, m.clientes, m.atendimentos];
  };
  // Filtered, the total says of what.
  const filtro = r.tipoSolucao ?? r.modalidade ?? r.mes ?? '';
  const linhas = [linha(r.periodo, 'total', filtro, r)];
  for (const [corte, valores] of cortes) {
    for (const [valor, m] of Object.entries(valores ?? {})) linhas.push(linha(r.periodo, corte, valor, m));
  }
  if (r.anterior !== undefined) linhas.push(linha(r.anterior.periodo, 'total', filtro, r.anterior));
  return csv(['codigo', 'periodo', 'unidade', 'corte', 'valor', 'clientes', 'atendimentos'], linhas);
}

export function csvDeIndicadores(lista: z.infer<typeof listaDeIndicadores>): string {
  const linhas = lista.map((i) => [i.codigo, i.nome, i.publico.join(' '), i.periodo]);
  return csv(['codigo', 'nome', 'publico', 'periodo'], linhas);
}
