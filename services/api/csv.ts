/**
 * CSV as spreadsheets in Brazil open it by a double click: UTF-8 with its mark, semicolons, decimal commas, CRLF.
 * Instants stay as in JSON.
 */
const MARCA = '\uFEFF';
const FIM = '\r\n';
/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const CITADO = /[";\r\n]/;

export type Celula = string | number | boolean | null | undefined;

function celula(valor: Celula): string {
  if (valor === null || valor === undefined) return '';
  if (typeof valor === 'number') return String(valor).replace('.', ',');
  if (typeof valor === 'boolean') return valor ? 'sim' : 'não';
  // Texts come from whoever sends interactions; an apostrophe makes of a formula the text that it is.
  const texto = FORMULA.test(valor) ? `'${valor}` : valor;
  return CITADO.test(texto) ? `"${texto.replaceAll('"', '""')}"` : texto;
}

/** A table: its columns' names, then a line for each row. */
export function csv(colunas: readonly string[], linhas: Iterable<readonly Celula[]>): string {
  let texto = MARCA + colunas.map(celula).join(';') + FIM;
  for (const linha of linhas) texto += linha.map(celula).join(';') + FIM;
  return texto;
}

/** A table of objects: the columns are names of their fields. */
export function csvDe<T extends object>(colunas: readonly (keyof T & string)[], itens: Iterable<T>): string {
  const linhas = Array.from(itens, (item) => colunas.map((c) => item[c] as Celula));
  return csv(colunas, linhas);
}
