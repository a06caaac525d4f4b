import type { MessagePort } from 'node:worker_threads';
import type { Esquecimento } from '#domain/esquecimento.ts';
import type { Contadores } from '#domain/indicadores.ts';
import type { Disponibilizacao, Solucao } from '#domain/portfolio.ts';
import type { Vigencia } from '#domain/rulebook.ts';
import type { TrocaEmVigor } from '#domain/troca-de-chave.ts';
import type { Config } from '#platform/config.ts';
import type { Identidades } from './copias.ts';
import type { Diferenca } from './diferencas.ts';
import type { Pacote } from './pacote.ts';
import type { PostosDeLado } from './quarentena.ts';

/** What a thread of the audit begins with: all threads decide by the same portfolio and the same rules. */
export interface Tarefa {
  /** Which of the threads this is, from 0. */
  parte: number;
  config: Pick<Config, 'kafka' | 'registryUrl' | 'redis'>;
  /** Of `interacoes`, `presencas` and `lancamentos`. */
  particoes: { interacoes: number; presencas: number; lancamentos: number };
  solucoes: ReadonlyMap<string, Solucao>;
  disponibilizacoes: ReadonlyMap<string, Disponibilizacao>;
  /** The apuração in force, and by what it decides. */
  apuracao: number;
  vigencias: readonly Vigencia[];
  postosDeLado: PostosDeLado;
  esquecimentos: readonly Esquecimento[];
  /** The changes of key that are in force, in their order; their filters' bytes are one for all threads. */
  trocas: readonly TrocaEmVigor[];
  /** A way to each thread, in order; null to itself. */
  portas: (MessagePort | null)[];
}

/** Between threads: entries of clients that are another's to add up; null: there will be no more. */
export type Encaminhados = Pacote | null;

/** What a thread found in its part of the log, and of the clients. */
export interface Resultado {
  registros: number;
  clientes: number;
  quarentena: Contadores;
  indicadores: Contadores;
  metricas: Contadores;
  diferencas: Diferenca[];
}

/** Records just read, and the events among them that are not in quarantine. */
export interface Lidos {
  aviso: 'lidos';
  registros: number;
  identidades: Identidades;
}

/** From a thread to the audit. */
export type Aviso =
  | Lidos
  | { aviso: 'fim'; resultado: Resultado }
  /** A server is away; anything else that fails ends the thread. */
  | { aviso: 'fora'; mensagem: string };
