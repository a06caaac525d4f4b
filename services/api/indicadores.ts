import { z } from 'zod';
import type { ContadorDeIndicador } from '#domain/indicadores.ts';
import type { Indicador, Rulebooks } from '#domain/rulebook.ts';
import { anoDe, inicioDoDia, mesDe } from '#domain/tempo.ts';
import { ErroHttp } from '#platform/http/erros.ts';

const medidas = z.object({ clientes: z.number(), atendimentos: z.number() });
type Medidas = z.infer<typeof medidas>;
const porValor = z.record(z.string(), medidas);

export const respostaDeIndicador = z.object({
  codigo: z.string(),
  nome: z.string(),
  periodo: z.string(),
  unidade: z.string().nullable().describe('nulo: todas'),
  ...medidas.shape,
  porUnidade: porValor.describe('um cliente atendido por duas unidades está em ambas: a soma pode passar do total'),
  porTipo: porValor,
  porModalidade: porValor,
  porMes: porValor,
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

/** Period of an indicator, `2026` or `2026-03`; the one that runs now where none is asked for. */
export interface Consulta {
  codigo: string;
  periodo: string | undefined;
  unidade: string | undefined;
}

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

/**
 * What an indicator is and which period is asked for.
 * @throws ErroHttp INDICADOR_DESCONHECIDO, PARAMETRO_INVALIDO
 */
export function resolve({ codigo, periodo }: Consulta, rulebooks: Rulebooks, agora: number) {
  const inicio = periodo === undefined ? agora : inicioDoDia(`${periodo}-01-01`.slice(0, 10));
  const indicador = definicao(rulebooks, codigo, inicio) ?? definicao(rulebooks, codigo, agora);
  if (indicador === undefined) {
    throw new ErroHttp('INDICADOR_DESCONHECIDO', 'veja os indicadores em GET /v1/indicadores');
  }
  const doPeriodo = indicador.periodo === 'ano' ? anoDe(agora) : mesDe(agora);
  if (periodo !== undefined && periodo.length !== doPeriodo.length) {
    const forma = indicador.periodo === 'ano' ? 'por ano: 2026' : 'por mês: 2026-03';
    throw new ErroHttp('PARAMETRO_INVALIDO', `periodo: este indicador é ${forma}`);
  }
  return { indicador, periodo: periodo ?? doPeriodo };
}

type Contado = ContadorDeIndicador & { n: number };

function acumula(contadores: readonly Contado[], valorDe: (c: Contado) => string): Record<string, Medidas> {
  const porNome = new Map<string, Medidas>();
  for (const c of contadores) {
    const m = porNome.get(valorDe(c)) ?? { clientes: 0, atendimentos: 0 };
    m[c.medida] += c.n;
    porNome.set(valorDe(c), m);
  }
  const ordenado = [...porNome].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(ordenado);
}

/** An indicator's counters laid out; `unidade` null: the totals of all. */
export function resposta(
  cabeca: Pick<RespostaDeIndicador, 'codigo' | 'nome' | 'periodo' | 'unidade'>,
  contadores: readonly Contado[],
): RespostaDeIndicador {
  const escopo = cabeca.unidade ?? '*';
  const corte = (dimensao: Contado['dimensao']) =>
    acumula(
      contadores.filter((c) => c.unidade === escopo && c.dimensao === dimensao),
      (c) => c.valor,
    );
  const unidades = contadores.filter(
    (c) => c.dimensao === 'total' && c.unidade !== '*' && (escopo === '*' || c.unidade === escopo),
  );
  return {
    ...cabeca,
    ...(corte('total')[''] ?? { clientes: 0, atendimentos: 0 }),
    porUnidade: acumula(unidades, (c) => c.unidade),
    porTipo: corte('tipo'),
    porModalidade: corte('modalidade'),
    porMes: corte('mes'),
  };
}
