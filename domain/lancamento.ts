import type { IdentidadeEvento } from './interacao.ts';

/** What a counting interaction adds for one client (or for students not identified). */
export interface Credito {
  /** The delivery's key, unique within the client. */
  chave: string;
  /** 1 for a client; the number of students where they are not identified. */
  quantidade: number;
  /** The interaction names a PJ (whether credited or not). */
  comPj: boolean;
  /** This is the entry of a PJ credited beside a PF by the same interaction. */
  ladoDePf: boolean;
}

/**
 * A ledger entry: what one classified event says of one client. One event gives one entry for each client it names,
 * or a single one without client. Exactly one of an event's entries is `principal`: it is the one that carries the
 * event into `metricas`.
 */
export interface Lancamento extends IdentidadeEvento {
  /** Client id; null: nobody identified. */
  cliente: string | null;
  /** When it happened: milliseconds since the epoch. */
  time: number;
  principal: boolean;
  metrica: string;
  motivo: string;
  tipoSolucao: string | null;
  unidade: string;
  canal: string | null;
  modalidade: string | null;
  /** null: does not count. */
  credito: Credito | null;
  /** The event this one takes back. */
  estornada: IdentidadeEvento | null;
}

/** The key that decides an entry's partition of `lancamentos`: what is to meet must fall together. */
export function chaveDoLancamento(l: Lancamento): string {
  if (l.cliente !== null) return l.cliente;
  const evento = l.estornada ?? l;
  return `${evento.source}+${evento.id}`;
}
