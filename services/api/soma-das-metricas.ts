import type { Rulebooks } from '#domain/rulebook.ts';
import { inicioDoDia } from '#domain/tempo.ts';
import type { ContadoDeMetrica } from '#platform/estado/leitor.ts';
import type { Comparado, Intervalo } from './periodos.ts';

export const CAMPOS = ['metrica', 'motivo', 'tipoSolucao', 'propostaValor', 'unidade', 'canal', 'dia', 'mes'] as const;
export type Campo = (typeof CAMPOS)[number];
export const FILTROS = ['metrica', 'motivo', 'tipoSolucao', 'propostaValor', 'unidade', 'canal'] as const;
export type Filtros = Partial<Record<(typeof FILTROS)[number], string>>;

/** What is asked of the counters. */
export interface Pedido {
  filtros: Filtros;
  agrupar: readonly Campo[];
  rulebooks: Rulebooks;
}

/** The values of the fields asked for, absent ones empty, and how many. */
export interface Grupo {
  valores: readonly string[];
  n: number;
}

/** By the values' text. */
type Grupos = Map<string, Grupo>;

/** The value proposition of a type of solution on a day, by the rulebook in force then; empty: none. */
function propostas(rulebooks: Rulebooks): (c: ContadoDeMetrica) => string {
  const doDia = new Map<string, ReturnType<Rulebooks['em']>['tiposSolucao']>();
  return ({ dia, tipoSolucao }) => {
    let tipos = doDia.get(dia);
    if (tipos === undefined) {
      tipos = rulebooks.em(inicioDoDia(dia)).tiposSolucao;
      doDia.set(dia, tipos);
    }
    return Object.hasOwn(tipos, tipoSolucao) ? (tipos[tipoSolucao]?.propostaValor ?? '') : '';
  };
}

/** How a field is told from a counter. */
type Leitor = (c: ContadoDeMetrica) => string;

function leitorDe(campo: Campo, propostaDe: Leitor, periodo: Intervalo | Comparado): Leitor {
  const trazido = 'trazido' in periodo ? periodo.trazido : null;
  if (campo === 'propostaValor') return propostaDe;
  if (campo === 'mes') return ({ dia }) => trazido?.(dia).mes ?? dia.slice(0, 7);
  if (campo === 'dia' && trazido !== null) return ({ dia }) => trazido(dia).dia ?? '';
  return (c) => c[campo];
}

function somaUm(contadores: readonly ContadoDeMetrica[], pedido: Pedido, periodo: Intervalo | Comparado): Grupos {
  const { filtros, agrupar, rulebooks } = pedido;
  const { de, ate } = periodo;
  const propostaDe = propostas(rulebooks);
  const testes = FILTROS.filter((f) => filtros[f] !== undefined).map((f) => {
    return { le: leitorDe(f, propostaDe, periodo), valor: filtros[f] };
  });
  const leitores = agrupar.map((campo) => leitorDe(campo, propostaDe, periodo));
  const grupos: Grupos = new Map();
  for (const c of contadores) {
    if (c.dia < de || c.dia > ate || !testes.every(({ le, valor }) => le(c) === valor)) continue;
    const valores = leitores.map((le) => le(c));
    const nome = valores.join('|');
    const grupo = grupos.get(nome);
    if (grupo === undefined) grupos.set(nome, { valores, n: c.n });
    else grupo.n += c.n;
  }
  return grupos;
}

/** How many sums of one month are remembered: as many as a panel asks for, each of no more groups than that. */
const SOMAS_LEMBRADAS = 64;
const GRUPOS_LEMBRADOS = 2_000;
/** By the list of a month's counters, which is another one as soon as they change. */
const lembradas = new WeakMap<readonly ContadoDeMetrica[], Map<string, Grupos>>();

function somaDoMes(contadores: readonly ContadoDeMetrica[], pedido: Pedido, periodo: Intervalo | Comparado): Grupos {
  const mes = contadores[0]?.dia.slice(0, 7) ?? '';
  const { de, ate } = periodo;
  const recorte = de <= `${mes}-01` && ate >= `${mes}-31` ? null : [de, ate];
  const distancia = 'distancia' in periodo ? periodo.distancia : null;
  const pergunta = JSON.stringify([pedido.filtros, pedido.agrupar, recorte, distancia]);
  const somas = lembradas.get(contadores) ?? new Map<string, Grupos>();
  lembradas.set(contadores, somas);
  const lembrada = somas.get(pergunta);
  if (lembrada !== undefined) return lembrada;
  const soma = somaUm(contadores, pedido, periodo);
  if (somas.size >= SOMAS_LEMBRADAS) somas.clear();
  if (soma.size <= GRUPOS_LEMBRADOS) somas.set(pergunta, soma);
  return soma;
}

/** The counters of some months that pass the filters and fall in a period, summed by the fields asked for. */
export function somaDosMeses(
  meses: Iterable<readonly ContadoDeMetrica[]>,
  pedido: Pedido,
  periodo: Intervalo | Comparado,
): { total: number; grupos: Grupos } {
  const grupos: Grupos = new Map();
  let total = 0;
  for (const mes of meses) {
    for (const [nome, { valores, n }] of somaDoMes(mes, pedido, periodo)) {
      total += n;
      const grupo = grupos.get(nome);
      if (grupo === undefined) grupos.set(nome, { valores, n });
      else grupo.n += n;
    }
  }
  return { total, grupos };
}
