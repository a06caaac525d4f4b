import { readFileSync } from 'node:fs';
import type { Coluna } from './colunas.ts';
import { leituraDoCsv } from './csv.ts';
import type { FormatoDeArquivo, Manifesto } from './manifesto.ts';
import { COLUNAS_DAS_APURACOES, TABELAS, type TopicoExportado } from './tabelas.ts';

/** What the records of a topic are called in SQL. */
export const TABELA_DO_TOPICO: Record<TopicoExportado, string> = {
  'interacoes-contabilizadas': 'interacoes_contabilizadas',
  'interacoes-nao-contabilizadas': 'interacoes_nao_contabilizadas',
  'interacoes-em-quarentena': 'quarentena',
  'clientes-atendidos': 'mudancas_de_status',
};

const CABECA = `-- Feito por atendido export: dá nome às tabelas desta pasta. A partir dela: duckdb -init visoes.sql
-- O que é cada tabela e coluna, e dez perguntas respondidas: docs/bi.md.
`;

type Colunas = readonly Pick<Coluna<never>, 'nome' | 'tipo'>[];

function leitura(arquivos: string, formato: FormatoDeArquivo, colunas: Colunas): string {
  return formato === 'parquet' ? `FROM read_parquet('${arquivos}')` : `FROM ${leituraDoCsv(arquivos, colunas)}`;
}

/** A table that has no file yet: DuckDB refuses a pattern that finds none. */
function semLinhas(colunas: Colunas): string {
  return `SELECT ${colunas.map(({ nome, tipo }) => `NULL::${tipo} AS ${nome}`).join(', ')} WHERE false`;
}

/** The SQL that makes an exported folder a database: its tables by name, and what BI asks of them. */
export function visoesDe({ formato, arquivos }: Pick<Manifesto, 'formato' | 'arquivos'>): string {
  const tabelas = TABELAS.map(({ topico, colunas }) => {
    const ha = arquivos.some((a) => a.topico === topico);
    const fonte = ha ? leitura(`${topico}/*.${formato}`, formato, colunas) : semLinhas(colunas);
    return `CREATE OR REPLACE VIEW ${TABELA_DO_TOPICO[topico]} AS ${fonte};`;
  });
  const apuracoes = leitura(`apuracoes.${formato}`, formato, COLUNAS_DAS_APURACOES);
  const nomeadas = [...tabelas, `CREATE OR REPLACE VIEW apuracoes AS ${apuracoes};`].join('\n');
  return `${CABECA}\n${nomeadas}\n\n${readFileSync(new URL('visoes.sql', import.meta.url), 'utf8')}`;
}
