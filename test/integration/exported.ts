import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** A folder that was exported, as a database: DuckDB as an analyst opens it. */
export async function openExported(dir: string) {
  const duckdb = await DuckDBInstance.create(':memory:');
  const conexao = await duckdb.connect();
  await conexao.run(`SET file_search_path = '${dir}'`);
  await conexao.run(readFileSync(join(dir, 'visoes.sql'), 'utf8'));
  return {
    /** The rows of a query, as objects by column. */
    linhas: async (consulta: string) => (await conexao.runAndReadAll(consulta)).getRowObjectsJson(),
    /** The rows as arrays. */
    valores: async (consulta: string) => (await conexao.runAndReadAll(consulta)).getRowsJson(),
    fecha(): void {
      conexao.closeSync();
      duckdb.closeSync();
    },
  };
}

export type Exported = Awaited<ReturnType<typeof openExported>>;

/** The rows that one query finds in an exported folder. */
export async function sql(dir: string, consulta: string) {
  const aberta = await openExported(dir);
  try {
    return await aberta.valores(consulta);
  } finally {
    aberta.fecha();
  }
}
