import type { EstadoCliente } from '#domain/cliente.ts';
import type { ContadorDeIndicador, ContadorDeMetrica } from '#domain/indicadores.ts';

export type ContadoDeIndicador = ContadorDeIndicador & { n: number };
export type ContadoDeMetrica = ContadorDeMetrica & { n: number };

/** What some counters hold, and what names it: the same version of one generation is the same numbers, always. */
export interface Versao<T> {
  versao: string;
  valor: T;
}

/** Counters of which the version is known, and which may then be worth reading. */
export interface Contados<T> {
  versao: string;
  /** Read now, or remembered from when they were the same; of a version that may be newer. */
  le(): Promise<Versao<T>>;
}

/** The reads of one answer: one generation, every shard added up. */
export interface LeituraDeEstado {
  readonly geracao: string;
  /** Whose decisions these are. */
  readonly apuracao: number;
  /** One client's state as it is kept (codificacao.ts), by client id; null: never heard of. */
  gravado(id: string): Promise<Buffer | null>;
  /**
   * All counters of an indicator's period (`2026`, or `2026-03`). Those by day of a state that an older program wrote are
   * left out: it has clients and no days.
   */
  indicador(codigo: string, periodo: string): Promise<Contados<readonly ContadoDeIndicador[]>>;
  /**
   * The counters of metricas of some months (`2026-03`), in their order. Each month's list is the same one, object for
   * object, as long as its version is.
   */
  metricas(meses: readonly string[]): Promise<Contados<readonly Versao<readonly ContadoDeMetrica[]>[]>>;
}

/** What every shard holds, added up. */
export interface TodosOsContadores {
  indicadores: Map<string, number>;
  metricas: Map<string, number>;
  /** Whether clients by day are among them; not where an older program wrote the state, until it is rebuilt. */
  comDias: boolean;
}

/** The read side of what the aggregator keeps in Redis: every shard added up. */
export interface LeitorDeEstado {
  /**
   * Makes the reads of one answer from one generation alone: if another one is live after them, all are made again from
   * that one. What `le` throws counts as read too.
   */
  deUmaGeracao<T>(le: (leitura: LeituraDeEstado) => Promise<T>): Promise<T>;
  /** One client's state by client id; null: never heard of. */
  cliente(id: string): Promise<EstadoCliente | null>;
  /** All counters of an indicator's period (`2026`, or `2026-03`), summed over the shards. */
  indicador(codigo: string, periodo: string): Promise<readonly ContadoDeIndicador[]>;
  /** All counters of metricas of the days from `de` to `ate` (both included, `2026-03-02`), summed over the shards. */
  metricas(de: string, ate: string): Promise<ContadoDeMetrica[]>;
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
  contadores(): Promise<TodosOsContadores>;
  close(): Promise<void>;
}
