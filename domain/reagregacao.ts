import { type AnoDoCliente, anosDe, dobra, type EstadoCliente, estadoVazio, publicoDe } from './cliente.ts';
import { type Contadores, somaMetricas } from './indicadores.ts';
import type { Lancamento } from './lancamento.ts';
import type { Rulebooks } from './rulebook.ts';
import { SomaDosIndicadores } from './soma-dos-indicadores.ts';

/** The second half of a recount: entries added up by client, each event once within a client. */
export class Reagregacao {
  readonly estados = new Map<string, EstadoCliente>();
  readonly metricas: Contadores = new Map();

  /** @param titular whose entry it is (`titularDe`) */
  lanca(titular: string, l: Lancamento): void {
    let estado = this.estados.get(titular);
    if (estado === undefined) {
      estado = estadoVazio();
      this.estados.set(titular, estado);
    }
    somaMetricas(this.metricas, dobra(estado, [l]).novos);
  }

  /** Every indicator's counters, over all clients. */
  indicadores(rulebooks: Rulebooks): Contadores {
    const soma = new SomaDosIndicadores(rulebooks);
    for (const [titular, estado] of this.estados) soma.soma(titular, estado);
    return soma.contadores();
  }

  /** The clients (not the common states of those not identified) and their years, by id. */
  clientes(): { id: string; anos: Record<string, AnoDoCliente> }[] {
    return [...this.estados]
      .filter(([titular]) => publicoDe(titular) !== 'nao-identificado')
      .map(([id, estado]) => ({ id, anos: anosDe(estado) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
