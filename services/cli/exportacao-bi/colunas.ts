import type { InputRecord } from '#platform/kafka/port.ts';

/** Types of columns, by their names in DuckDB. */
export type TipoDeColuna = 'VARCHAR' | 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'DATE' | 'TIMESTAMPTZ';

/** What a cell holds before it is written: milliseconds for an instant, `2026-03-02` for a day. */
export type Valor = string | number | boolean | null;

/** A decoded record, and where it stands. */
export interface Lido<T> {
  topico: string;
  particao: number;
  registro: InputRecord;
  valor: T;
}

export interface Coluna<T> {
  nome: string;
  tipo: TipoDeColuna;
  /** The Avro field it comes from, by its path in the record; null: from around the record. */
  campo: string | null;
  valor: (lido: Lido<T>) => Valor;
}

/** A column out of the record. */
export function doCampo<T>(
  nome: string,
  tipo: TipoDeColuna,
  campo: string,
  valor: (valor: T, lido: Lido<T>) => Valor,
): Coluna<T> {
  return { nome, tipo, campo, valor: (lido) => valor(lido.valor, lido) };
}

/** A column out of what is around the record, or made of several fields. */
export function deFora<T>(nome: string, tipo: TipoDeColuna, valor: (lido: Lido<T>) => Valor): Coluna<T> {
  return { nome, tipo, campo: null, valor };
}

/** When the record was written and where it stands: the last columns of every table. */
export function lugar<T>(): Coluna<T>[] {
  return [
    deFora('registrada_em', 'TIMESTAMPTZ', ({ registro }) => registro.timestamp),
    deFora('topico', 'VARCHAR', ({ topico }) => topico),
    deFora('particao', 'INTEGER', ({ particao }) => particao),
    deFora('posicao', 'BIGINT', ({ registro }) => registro.offset),
  ];
}
