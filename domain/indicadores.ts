import { type ContaDoCliente, type Entrega, entregas, publicoDe } from './cliente.ts';
import type { Lancamento } from './lancamento.ts';
import type { Indicador, Rulebooks } from './rulebook.ts';
import { anoDe, diaDe, mesDe } from './tempo.ts';

/** Counters by name; a name is its parts joined by `|`, in the order of {@link CampoDeIndicador}. */
export type Contadores = Map<string, number>;

/** What an indicator is broken down by: each delivery falls in one place of each. */
export type Corte = 'total' | 'tipo' | 'modalidade' | 'mes';
/** `primeiro`: the day of a client's first delivery in the period; over all units, and of clients alone. */
export type Dimensao = Corte | 'primeiro';

/** One counter of an indicator. `unidade` `*`: all units. */
export interface ContadorDeIndicador {
  medida: 'clientes' | 'atendimentos';
  indicador: string;
  /** `2026`, or `2026-03` for an indicator by month. */
  periodo: string;
  unidade: string;
  dimensao: Dimensao;
  /** The type, modality, month or day (`2026-03-02`); empty for the total. */
  valor: string;
}

export function nomeDoContador(c: ContadorDeIndicador): string {
  return `${c.indicador}|${c.periodo}|${c.unidade}|${c.dimensao}|${c.valor}|${c.medida}`;
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

/** Whether a delivery to a holder of this public falls under an indicator. */
export function pertence(ind: Indicador, e: Entrega, publico: 'pf' | 'pj'): boolean {
  return (
    ind.publico.includes(publico) &&
    ind.excluiTipos?.includes(e.tipoSolucao) !== true &&
    ind.somenteTipos?.includes(e.tipoSolucao) !== false &&
    !(ind.somenteSemPj === true && e.comPj)
  );
}

/** The period of an indicator that a delivery falls in. */
export const periodoDe = (ind: Indicador, { time }: Entrega): string =>
  ind.periodo === 'ano' ? anoDe(time) : mesDe(time);

/**
 * The counter of the clients whose first delivery in an indicator's period is of this day: those up to a day are the
 * clients there were by then.
 */
export function nomeDoPrimeiro(indicador: string, periodo: string, dia: string): string {
  const lugar = { indicador, periodo, unidade: '*', dimensao: 'primeiro', valor: dia } as const;
  return nomeDoContador({ ...lugar, medida: 'clientes' });
}

/** A delivery's place in an indicator: every counter it belongs to, without the measure; all units first, then its own. */
export function lugares(codigo: string, ind: Indicador, e: Entrega): Omit<ContadorDeIndicador, 'medida'>[] {
  const periodo = periodoDe(ind, e);
  const cortes: [Corte, string][] = [
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
 * What one holder of state adds to the indicators. `clientes` counts a client once in every cut it has a delivery in,
 * and on the day of the first of them in the period;
 * `atendimentos` leaves out the entry of a PJ credited beside a PF where the indicator's public is both.
 * The indicators are those of the rulebook in force at each delivery.
 */
export function contribuicoes(titular: string, estado: ContaDoCliente, rulebooks: Rulebooks): Contadores {
  const contadores: Contadores = new Map();
  const de = publicoDe(titular);
  const publico = de === 'pj' ? 'pj' : 'pf';
  const primeiros = new Map<string, { codigo: string; periodo: string; time: number }>();
  for (const e of entregas(estado)) {
    for (const [codigo, ind] of Object.entries(rulebooks.em(e.time).indicadores)) {
      if (!pertence(ind, e, publico)) continue;
      const repetida = e.ladoDePf && ind.publico.length > 1;
      for (const lugar of lugares(codigo, ind, e)) {
        if (!repetida) soma(contadores, nomeDoContador({ ...lugar, medida: 'atendimentos' }), e.quantidade);
        if (de !== 'nao-identificado') contadores.set(nomeDoContador({ ...lugar, medida: 'clientes' }), 1);
      }
      const periodo = periodoDe(ind, e);
      const antes = primeiros.get(`${codigo}|${periodo}`)?.time ?? e.time;
      primeiros.set(`${codigo}|${periodo}`, { codigo, periodo, time: Math.min(antes, e.time) });
    }
  }
  if (de === 'nao-identificado') return contadores;
  for (const { codigo, periodo, time } of primeiros.values()) {
    contadores.set(nomeDoPrimeiro(codigo, periodo, diaDe(time)), 1);
  }
  return contadores;
}

/** An indicator that a client counts in, in one of its periods. */
export interface NoIndicador {
  codigo: string;
  periodo: string;
  atendimentos: number;
}

/** Of {@link contribuicoes} those over all units alone: of a client with many deliveries the names would cost a second. */
export function indicadoresDoCliente(cliente: string, estado: ContaDoCliente, rulebooks: Rulebooks): NoIndicador[] {
  const publico = publicoDe(cliente) === 'pj' ? 'pj' : 'pf';
  const todos = new Map<string, Map<string, NoIndicador>>();
  for (const e of entregas(estado)) {
    for (const [codigo, ind] of Object.entries(rulebooks.em(e.time).indicadores)) {
      if (!pertence(ind, e, publico)) continue;
      const periodo = periodoDe(ind, e);
      const porPeriodo = todos.get(codigo) ?? new Map<string, NoIndicador>();
      const um = porPeriodo.get(periodo) ?? { codigo, periodo, atendimentos: 0 };
      if (!(e.ladoDePf && ind.publico.length > 1)) um.atendimentos += e.quantidade;
      todos.set(codigo, porPeriodo.set(periodo, um));
    }
  }
  return [...todos.values()].flatMap((porPeriodo) => [...porPeriodo.values()]);
}

/** Adds counters to those of the same name in `total`. */
export function acumulaContadores(total: Contadores, outros: Contadores): void {
  for (const [nome, n] of outros) total.set(nome, (total.get(nome) ?? 0) + n);
}

/** Adds to `total` what went from `antes` to `depois`. */
export function acumulaDiferenca(total: Contadores, antes: Contadores, depois: Contadores): void {
  for (const [nome, n] of depois) soma(total, nome, n - (antes.get(nome) ?? 0));
  for (const [nome, n] of antes) if (!depois.has(nome)) soma(total, nome, -n);
}

/** Without the clients by day: a state of an older program has none. */
export function semDias(contadores: Contadores): Contadores {
  return new Map([...contadores].filter(([nome]) => contadorDe(nome).dimensao !== 'primeiro'));
}

/** The counters that are not the same in both, by name, with what each is; one that is missing is nothing. */
export function contadoresDiferentes(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((nome) => ({ nome, emA: a.get(nome) ?? 0, emB: b.get(nome) ?? 0 }))
    .filter(({ emA, emB }) => emA !== emB);
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
  return `${l.metrica}|${l.motivo}|${l.tipoSolucao ?? ''}|${l.unidade}|${l.canal ?? ''}|${diaDe(l.time)}`;
}

export function metricaDoNome(nome: string): ContadorDeMetrica {
  const [metrica = '', motivo = '', tipoSolucao = '', unidade = '', canal = '', dia = ''] = nome.split('|');
  return { metrica, motivo, tipoSolucao, unidade, canal, dia };
}

/** The month (`2026-03`) of a counter's name: a name ends in its day. */
export const mesDaMetrica = (nome: string): string => nome.slice(-'2026-03-02'.length, -'-02'.length);

export function somaMetricas(total: Contadores, novos: readonly Lancamento[]): void {
  for (const l of novos) if (l.principal) soma(total, nomeDaMetrica(l), 1);
}
