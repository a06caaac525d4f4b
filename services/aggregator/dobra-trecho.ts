import { dobra, type EstadoCliente, titularDe } from '#domain/cliente.ts';
import { acumulaDiferenca, type Contadores, contribuicoes, somaMetricas } from '#domain/indicadores.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { anosAtendidos, type MudancaDeStatus, mudancasDeStatus } from './status.ts';

/** What a run of entries does to the state of a shard. */
export interface Dobrado {
  /** The states that changed, by titular. */
  estados: Map<string, EstadoCliente>;
  /** Differences. */
  indicadores: Contadores;
  metricas: Contadores;
  status: MudancaDeStatus[];
}

/** The entries of each holder of state, in order. */
export function porTitular(lancamentos: readonly Lancamento[]): Map<string, Lancamento[]> {
  return Map.groupBy(lancamentos, titularDe);
}

const podeMudarEntregas = (l: Lancamento): boolean => l.credito !== null || l.estornada !== null;

/**
 * Folds a run into the states of those it names.
 * @param estados one for each key of `entradas`; changed in place
 */
export function dobraTrecho(
  entradas: ReadonlyMap<string, readonly Lancamento[]>,
  estados: ReadonlyMap<string, EstadoCliente>,
  rulebooks: Rulebooks,
): Dobrado {
  const dobrado: Dobrado = { estados: new Map(), indicadores: new Map(), metricas: new Map(), status: [] };
  for (const [titular, lancamentos] of entradas) {
    const estado = estados.get(titular);
    if (estado === undefined) throw new Error('falta o estado de um titular do trecho');
    // Asked before the fold, which changes the state in place; most entries count for nothing and need no answer.
    const antes = lancamentos.some(podeMudarEntregas)
      ? { contribuicoes: contribuicoes(titular, estado, rulebooks), anos: anosAtendidos(estado) }
      : null;
    const { novos, mudouEntregas } = dobra(estado, lancamentos);
    if (novos.length === 0) continue;
    dobrado.estados.set(titular, estado);
    somaMetricas(dobrado.metricas, novos);
    if (!mudouEntregas || antes === null) continue;
    acumulaDiferenca(dobrado.indicadores, antes.contribuicoes, contribuicoes(titular, estado, rulebooks));
    for (const mudanca of mudancasDeStatus(titular, antes.anos, estado)) dobrado.status.push(mudanca);
  }
  return dobrado;
}
