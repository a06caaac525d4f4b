import type { Coluna, Lido, TipoDeColuna, Valor } from './colunas.ts';

const A_CITAR = /[",\r\n]/;

/** A cell by RFC 4180: nothing is null, and two quotes the empty text. */
function celula(valor: Valor, tipo: TipoDeColuna): string {
  if (valor === null) return '';
  if (typeof valor !== 'string')
    return tipo === 'TIMESTAMPTZ' ? new Date(valor as number).toISOString() : String(valor);
  if (valor === '' || A_CITAR.test(valor)) return `"${valor.replaceAll('"', '""')}"`;
  return valor;
}

/** The first line: the names of the columns. */
export function cabecalho(colunas: readonly Pick<Coluna<never>, 'nome'>[]): string {
  return `${colunas.map(({ nome }) => nome).join(',')}\n`;
}

/** One record as a line. */
export function linha<T>(colunas: readonly Coluna<T>[], lido: Lido<T>): string {
  let [texto, entre] = ['', ''];
  for (const { tipo, valor } of colunas) {
    texto += entre + celula(valor(lido), tipo);
    entre = ',';
  }
  return `${texto}\n`;
}

/** How DuckDB reads what is written here; types as they are, nothing guessed. */
export function leituraDoCsv(arquivos: string, colunas: readonly Pick<Coluna<never>, 'nome' | 'tipo'>[]): string {
  const tipos = colunas.map(({ nome, tipo }) => `${nome}: '${tipo}'`).join(', ');
  const forma = `auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n'`;
  const nulos = `nullstr = '', allow_quoted_nulls = false, max_line_size = 8388608, buffer_size = 16777216`;
  return `read_csv('${arquivos}', ${forma}, ${nulos}, columns = {${tipos}})`;
}
