import type { Coluna } from './colunas.ts';
import { leituraDoCsv } from './csv.ts';

/** What DuckDB may use, whatever the file's size: beyond it, it writes beside the file. */
const LIMITES = { memory_limit: '256MB', threads: '2' };
const LINHAS_POR_GRUPO = 50_000;

const citado = (caminho: string): string => caminho.replaceAll("'", "''");

/** Turns CSV files into parquet. */
export interface Conversor {
  converte(csv: string, parquet: string, colunas: readonly Pick<Coluna<never>, 'nome' | 'tipo'>[]): Promise<void>;
  fecha(): void;
}

/** @param pasta where DuckDB puts what does not fit its memory */
export async function abreConversor(pasta: string): Promise<Conversor> {
  // A native library, of use to parquet alone.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duckdb = await DuckDBInstance.create(':memory:', { ...LIMITES, temp_directory: pasta });
  const conexao = await duckdb.connect();
  return {
    async converte(csv, parquet, colunas) {
      const forma = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${LINHAS_POR_GRUPO}`;
      await conexao.run(`COPY (FROM ${leituraDoCsv(citado(csv), colunas)}) TO '${citado(parquet)}' (${forma})`);
    },
    fecha() {
      conexao.closeSync();
      duckdb.closeSync();
    },
  };
}
