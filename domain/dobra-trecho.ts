import { anosDe, dobra, type EstadoCliente, entregas, titularDe } from './cliente.ts';
import { ehEncerramento } from './esquecimento.ts';
import { type Contadores, somaMetricas } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import { acumulaMudanca } from './mudanca.ts';
import type { Rulebooks } from './rulebook.ts';
import { Somas } from './somas.ts';
import { chaveDoStatus, type MudancaDeStatus, mudancasDeStatus } from './status.ts';

/** What a run of lots does to the state of a shard. */
export interface Dobrado {
  /** The states that changed, by titular. */
  estados: Map<string, EstadoCliente>;
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

/** The entries of each holder of state, in order, lot by lot. */
export type LotePorTitular = ReadonlyMap<string, readonly Lancamento[]>;

export function porTitular(lote: readonly Lancamento[]): LotePorTitular {
  return Map.groupBy(lote, titularDe);
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
  emCurso.estados.set(titular, estado);
}

function dobraTitular(
  emCurso: EmCurso,
  titular: string,
  estado: EstadoCliente,
  lancamentos: readonly Lancamento[],
  rulebooks: Rulebooks,
): void {
  const n = lancamentos.findIndex(ehEncerramento);
  const encerramento = lancamentos[n];
  if (encerramento !== undefined) {
    dobraTitular(emCurso, titular, estado, lancamentos.slice(0, n), rulebooks);
    encerra(emCurso, titular, estado, encerramento);
    dobraTitular(emCurso, titular, estado, lancamentos.slice(n + 1), rulebooks);
    return;
  }
  // Asked before the fold, which changes the state in place; most entries count for nothing and need no answer.
  const antes = lancamentos.some(podeMudarEntregas) ? entregas(estado) : null;
  const { novos, mudouEntregas } = dobra(estado, lancamentos);
  if (novos.length === 0) return;
  emCurso.estados.set(titular, estado);
  somaMetricas(emCurso.metricas, novos);
  if (!mudouEntregas || antes === null) return;
  const depois = entregas(estado);
  acumulaMudanca(emCurso.indicadores, titular, antes, depois, rulebooks);
  for (const mudanca of mudancasDeStatus(titular, antes, depois)) {
    emCurso.status.set(chaveDoStatus(mudanca), mudanca);
  }
}

/**
 * Folds a run of lots, one after the other, into the states of those they name.
 * @param estados one for each titular of the lots; changed in place
 */
export function dobraTrecho(
  lotes: readonly LotePorTitular[],
  estados: ReadonlyMap<string, EstadoCliente>,
  rulebooks: Rulebooks,
): Dobrado {
  const indicadores = new Somas();
  const emCurso: EmCurso = {
    estados: new Map(),
    indicadores,
    metricas: new Map(),
    status: new Map(),
    esquecidos: new Set(),
  };
  try {
    for (const lote of lotes) {
      for (const [titular, lancamentos] of lote) {
        const estado = estados.get(titular);
        if (estado === undefined) throw new Error('falta o estado de um titular do trecho');
        dobraTitular(emCurso, titular, estado, lancamentos, rulebooks);
      }
    }
    return { ...emCurso, indicadores: indicadores.recolhe() };
  } finally {
    indicadores.recolhe();
  }
}
