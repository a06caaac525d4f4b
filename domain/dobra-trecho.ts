import { anosDe, dobra, type EstadoCliente, entregas, titularDe } from './cliente.ts';
import { ehEncerramento } from './esquecimento.ts';
import { type Contadores, somaMetricas } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import { acumulaMudanca } from './mudanca.ts';
import type { Rulebooks } from './rulebook.ts';
import { Somas } from './somas.ts';
import { chaveDoStatus, type MudancaDeStatus, mudancasDeStatus } from './status.ts';

/** What a run of lots changes beside the states of those it names. */
export interface Dobrado {
  /** Differences. */
  indicadores: [nome: string, n: number][];
  metricas: Contadores;
  /**
   * Each client's year that changed with some lot, as it is in the end, by client and year. Also where it is again what
   * it was: which lots make a run is chance, and another run of them, whose outcome was lost, may have told otherwise.
   */
  status: Map<string, MudancaDeStatus>;
  /** Statuses of which nothing is to be told any more, by {@link chaveDoStatus}: the client was forgotten. */
  esquecidos: Set<string>;
}

/** Where a fold finds the states of the holders its entries name, and leaves those that changed. */
export interface EstadosDoTrecho {
  /** Asked once for each holder; changed in place. */
  le(titular: string): EstadoCliente;
  /** Told once of each holder whose state changed, before the next one is asked for. */
  guarda(titular: string, estado: EstadoCliente): void;
}

/** The entries of one holder of state, in order, those of one lot together. */
interface DoTitular {
  lotes: Lancamento[][];
  /** In which lot of the run the last of them are. */
  ultimo: number;
}

export type PorTitular = ReadonlyMap<string, DoTitular>;

/** Sorts a run of lots by whom their entries are of. */
export function porTitular(lotes: readonly (readonly Lancamento[])[]): PorTitular {
  const trecho = new Map<string, DoTitular>();
  for (const [n, lote] of lotes.entries()) {
    for (const l of lote) {
      const titular = titularDe(l);
      const dele = trecho.get(titular);
      if (dele === undefined) trecho.set(titular, { lotes: [[l]], ultimo: n });
      else if (dele.ultimo === n) dele.lotes.at(-1)?.push(l);
      else {
        dele.lotes.push([l]);
        dele.ultimo = n;
      }
    }
  }
  return trecho;
}

const podeMudarEntregas = (l: Lancamento): boolean => l.credito !== null || l.estornada !== null;

/** The fold of a run, as it grows. */
interface EmCurso extends Omit<Dobrado, 'indicadores'> {
  indicadores: Somas;
}

/** What a closing takes back with a client's state is what was ever told of the client. */
function encerra(emCurso: EmCurso, titular: string, estado: EstadoCliente, encerramento: Lancamento): void {
  if (encerramento.id === titular) {
    // Also of years in which nothing counts any more: that much was told.
    for (const ano of Object.keys(anosDe(estado))) {
      const chave = chaveDoStatus({ cliente: titular, ano: Number(ano) });
      emCurso.status.delete(chave);
      emCurso.esquecidos.add(chave);
    }
  }
  dobra(estado, [encerramento]);
}

/** @returns whether the state changed */
function dobraLote(
  emCurso: EmCurso,
  titular: string,
  estado: EstadoCliente,
  lancamentos: readonly Lancamento[],
  rulebooks: Rulebooks,
): boolean {
  const n = lancamentos.findIndex(ehEncerramento);
  const encerramento = lancamentos[n];
  if (encerramento !== undefined) {
    dobraLote(emCurso, titular, estado, lancamentos.slice(0, n), rulebooks);
    encerra(emCurso, titular, estado, encerramento);
    dobraLote(emCurso, titular, estado, lancamentos.slice(n + 1), rulebooks);
    return true;
  }
  // Asked before the fold, which changes the state in place; most entries count for nothing and need no answer.
  const antes = lancamentos.some(podeMudarEntregas) ? entregas(estado) : null;
  const { novos, mudouEntregas } = dobra(estado, lancamentos);
  if (novos.length === 0) return false;
  somaMetricas(emCurso.metricas, novos);
  if (!mudouEntregas || antes === null) return true;
  const depois = entregas(estado);
  acumulaMudanca(emCurso.indicadores, titular, antes, depois, rulebooks);
  for (const mudanca of mudancasDeStatus(titular, antes, depois)) {
    emCurso.status.set(chaveDoStatus(mudanca), mudanca);
  }
  return true;
}

/**
 * Folds a run of lots into the states of those they name: one holder after the other, each lot by lot. What a state is
 * taken apart into is gone before the next one is, and the machine's nearest memory holds it.
 */
export function dobraTrecho(trecho: PorTitular, estados: EstadosDoTrecho, rulebooks: Rulebooks): Dobrado {
  const indicadores = new Somas();
  const emCurso: EmCurso = { indicadores, metricas: new Map(), status: new Map(), esquecidos: new Set() };
  try {
    for (const [titular, { lotes }] of trecho) {
      const estado = estados.le(titular);
      let mudou = false;
      for (const lote of lotes) mudou = dobraLote(emCurso, titular, estado, lote, rulebooks) || mudou;
      if (mudou) estados.guarda(titular, estado);
    }
    return { ...emCurso, indicadores: indicadores.recolhe() };
  } finally {
    indicadores.recolhe();
  }
}
