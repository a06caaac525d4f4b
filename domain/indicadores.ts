import { type EstadoCliente, entregas, type Portador, publicoDe } from './cliente.ts';
import type { Lancamento } from './lancamento.ts';
import type { Indicador, Rulebooks } from './rulebook.ts';
import { anoDe, diaDe, mesDe } from './tempo.ts';

/** Counters by name; a name is its parts joined by `|`, in the order of {@link CampoDeIndicador}. */
export type Contadores = Map<string, number>;

/** What an indicator is broken down by. */
export type Dimensao = 'total' | 'tipo' | 'modalidade' | 'mes';

/** One counter of an indicator. `unidade` `*`: all units. */
export interface ContadorDeIndicador {
  medida: 'clientes' | 'atendimentos';
  indicador: string;
  /** `2026`, or `2026-03` for an indicator by month. */
  periodo: string;
  unidade: string;
  dimensao: Dimensao;
  /** The type, modality or month; empty for the total. */
  valor: string;
}

export function nomeDoContador(c: ContadorDeIndicador): string {
  return [c.indicador, c.periodo, c.unidade, c.dimensao, c.valor, c.medida].join('|');
}

export function contadorDe(nome: string): ContadorDeIndicador {
  const [indicador = '', periodo = '', unidade = '', dimensao = '', valor = '', medida = ''] = nome.split('|');
  return {
    indicador,
    periodo,
    unidade,
    dimensao: dimensao as Dimensao,
    valor,
    medida: medida as ContadorDeIndicador['medida'],
  };
}

function soma(contadores: Contadores, nome: string, n: number): void {
  const total = (contadores.get(nome) ?? 0) + n;
  if (total === 0) contadores.delete(nome);
  else contadores.set(nome, total);
}

function pertence(ind: Indicador, e: Portador, publico: 'pf' | 'pj'): boolean {
  return (
    ind.publico.includes(publico) &&
    !(ind.excluiTipos ?? []).includes(e.tipoSolucao) &&
    (ind.somenteTipos ?? [e.tipoSolucao]).includes(e.tipoSolucao) &&
    !(ind.somenteSemPj === true && e.comPj)
  );
}

/** A delivery's place in an indicator: every counter it belongs to, without the measure. */
function lugares(codigo: string, ind: Indicador, e: Portador): Omit<ContadorDeIndicador, 'medida'>[] {
  const periodo = ind.periodo === 'ano' ? anoDe(e.time) : mesDe(e.time);
  const cortes: [Dimensao, string][] = [
    ['total', ''],
    ['tipo', e.tipoSolucao],
    ['modalidade', e.modalidade],
    ['mes', mesDe(e.time)],
  ];
  return ['*', e.unidade].flatMap((unidade) =>
    cortes.map(([dimensao, valor]) => ({ indicador: codigo, periodo, unidade, dimensao, valor })),
  );
}

/**
 * What one holder of state adds to the indicators. `clientes` counts a client once in every cut it has a delivery in;
 * `atendimentos` leaves out the entry of a PJ credited beside a PF where the indicator's public is both.
 * The indicators are those of the rulebook in force at each delivery.
 */
export function contribuicoes(titular: string, estado: EstadoCliente, rulebooks: Rulebooks): Contadores {
  const contadores: Contadores = new Map();
  const de = publicoDe(titular);
  const publico = de === 'pj' ? 'pj' : 'pf';
  for (const e of entregas(estado)) {
    for (const [codigo, ind] of Object.entries(rulebooks.em(e.time).indicadores)) {
      if (!pertence(ind, e, publico)) continue;
      const repetida = e.ladoDePf && ind.publico.length > 1;
      for (const lugar of lugares(codigo, ind, e)) {
        if (!repetida) soma(contadores, nomeDoContador({ ...lugar, medida: 'atendimentos' }), e.quantidade);
        if (de !== 'nao-identificado') contadores.set(nomeDoContador({ ...lugar, medida: 'clientes' }), 1);
      }
    }
  }
  return contadores;
}

/** Adds to `total` what went from `antes` to `depois`. */
export function acumulaDiferenca(total: Contadores, antes: Contadores, depois: Contadores): void {
  for (const [nome, n] of depois) soma(total, nome, n - (antes.get(nome) ?? 0));
  for (const [nome, n] of antes) if (!depois.has(nome)) soma(total, nome, -n);
}

/** The counters that a delivery of one month, unit, type and modality falls under, by indicator. */
interface NomesDeIndicador {
  indicador: Indicador;
  /** In the order of {@link lugares}. */
  clientes: readonly string[];
  atendimentos: readonly string[];
}

const nomesPorCorte = new Map<string, readonly NomesDeIndicador[]>();
const LIMITE_DE_CORTES = 100_000;

/** Names are long and deliveries of a kind many: each name is made once. */
function nomesDe(e: Portador, rulebooks: Rulebooks): readonly NomesDeIndicador[] {
  const rulebook = rulebooks.em(e.time);
  const corte = `${rulebook.versao}|${mesDe(e.time)}|${e.unidade}|${e.tipoSolucao}|${e.modalidade}`;
  let nomes = nomesPorCorte.get(corte);
  if (nomes === undefined) {
    if (nomesPorCorte.size >= LIMITE_DE_CORTES) nomesPorCorte.clear();
    nomes = Object.entries(rulebook.indicadores).map(([codigo, indicador]) => {
      const nome = (medida: ContadorDeIndicador['medida']) =>
        lugares(codigo, indicador, e).map((lugar) => nomeDoContador({ ...lugar, medida }));
      return { indicador, clientes: nome('clientes'), atendimentos: nome('atendimentos') };
    });
    nomesPorCorte.set(corte, nomes);
  }
  return nomes;
}

/** Deliveries, each with the counters it falls under. */
interface ComNomes {
  entrega: Portador;
  nomes: readonly NomesDeIndicador[];
}

/** Whether one of the deliveries falls under this very counter of clients. */
function algumaEm(
  outras: readonly ComNomes[],
  publico: 'pf' | 'pj',
  { qual, lugar, nome }: { qual: number; lugar: number; nome: string },
): boolean {
  for (const { entrega, nomes } of outras) {
    const n = nomes[qual];
    if (n?.clientes[lugar] === nome && pertence(n.indicador, entrega, publico)) return true;
  }
  return false;
}

/** Adds (or, with `sinal` -1, takes away) deliveries that the holder's `outras` deliveries do not include. */
function acumulaEntregas(
  total: Contadores,
  titular: string,
  entregas: readonly Portador[],
  sinal: 1 | -1,
  outras: readonly Portador[],
  rulebooks: Rulebooks,
): void {
  const de = publicoDe(titular);
  const publico = de === 'pj' ? 'pj' : 'pf';
  const contados = entregas.length > 1 ? new Set<string>() : null;
  const dasOutras = outras.map((entrega): ComNomes => ({ entrega, nomes: nomesDe(entrega, rulebooks) }));
  for (const e of entregas) {
    for (const [qual, { indicador, atendimentos, clientes }] of nomesDe(e, rulebooks).entries()) {
      if (!pertence(indicador, e, publico)) continue;
      const repetida = e.ladoDePf && indicador.publico.length > 1;
      if (!repetida) for (const nome of atendimentos) soma(total, nome, sinal * e.quantidade);
      if (de === 'nao-identificado') continue;
      for (let lugar = 0; lugar < clientes.length; lugar += 1) {
        const nome = clientes[lugar] ?? '';
        // A client counts once in each place: one of the others may hold it there, or one of these just did.
        if (contados?.has(nome) || algumaEm(dasOutras, publico, { qual, lugar, nome })) continue;
        contados?.add(nome);
        soma(total, nome, sinal);
      }
    }
  }
}

/**
 * Adds to `total` what a holder's deliveries going from `antes` to `depois` changes in the indicators: the difference
 * of their {@link contribuicoes}, out of those deliveries alone that are in one and not in the other.
 * @param antes as `entregas` gave them before a fold
 * @param depois as it gives them after: a delivery that stands is the same object in both
 */
export function acumulaMudanca(
  total: Contadores,
  titular: string,
  antes: readonly Portador[],
  depois: readonly Portador[],
  rulebooks: Rulebooks,
): void {
  const [velhas, novas] = [new Set(antes), new Set(depois)];
  const ficaram = antes.filter((e) => novas.has(e));
  acumulaEntregas(
    total,
    titular,
    antes.filter((e) => !novas.has(e)),
    -1,
    ficaram,
    rulebooks,
  );
  acumulaEntregas(
    total,
    titular,
    depois.filter((e) => !velhas.has(e)),
    1,
    ficaram,
    rulebooks,
  );
}

/** One counter of `metricas`: what an event is counted under, once. */
export interface ContadorDeMetrica {
  metrica: string;
  motivo: string;
  tipoSolucao: string;
  unidade: string;
  canal: string;
  /** `2026-03-02` */
  dia: string;
}

/** The name of the counter an entry belongs to; only principal entries are counted. */
export function nomeDaMetrica(l: Lancamento): string {
  return [l.metrica, l.motivo, l.tipoSolucao ?? '', l.unidade, l.canal ?? '', diaDe(l.time)].join('|');
}

export function metricaDoNome(nome: string): ContadorDeMetrica {
  const [metrica = '', motivo = '', tipoSolucao = '', unidade = '', canal = '', dia = ''] = nome.split('|');
  return { metrica, motivo, tipoSolucao, unidade, canal, dia };
}

export function somaMetricas(total: Contadores, novos: readonly Lancamento[]): void {
  for (const l of novos) if (l.principal) soma(total, nomeDaMetrica(l), 1);
}
