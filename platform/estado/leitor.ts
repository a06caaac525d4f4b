import type { EstadoCliente } from '#domain/cliente.ts';
import type { ContadorDeIndicador, ContadorDeMetrica } from '#domain/indicadores.ts';

/** The read side of what the aggregator keeps in Redis: every shard added up. */
export interface LeitorDeEstado {
  /** One client's state by client id; null: never heard of. */
  cliente(id: string): Promise<EstadoCliente | null>;
  /** All counters of an indicator's period (`2026`, or `2026-03`), summed over the shards. */
  indicador(codigo: string, periodo: string): Promise<(ContadorDeIndicador & { n: number })[]>;
  /** All counters of metricas of the days from `de` to `ate` (both included, `2026-03-02`), summed over the shards. */
  metricas(de: string, ate: string): Promise<(ContadorDeMetrica & { n: number })[]>;
  /** Whose decisions are served. */
  apuracao(): Promise<number>;
  /** By partition of `lancamentos`: the next offset to be applied. */
  posicoes(): Promise<Map<number, number>>;
  /**
   * Every holder of state, common ones (`ni:`) included: for the audit.
   * @param shards partitions of `lancamentos`; default: all
   */
  titulares(shards?: ReadonlySet<number>): AsyncIterable<{ titular: string; estado: EstadoCliente }>;
  /** Every counter, raw: for the audit. */
  contadores(): Promise<{ indicadores: Map<string, number>; metricas: Map<string, number> }>;
  close(): Promise<void>;
}
