import Table from 'cli-table3';

/**
 * A table for a person: plain characters, so that it can be pasted anywhere.
 * @param textos how many columns, from the left, hold words; the others hold figures and stand to the right
 */
export function tabela(cabecalho: string[], textos: number, linhas: readonly string[][]): string {
  const colAligns = cabecalho.map((_, n) => (n < textos ? ('left' as const) : ('right' as const)));
  const corpo = new Table({ head: cabecalho, colAligns, style: { head: [], border: [], compact: true } });
  corpo.push(...linhas);
  return corpo.toString();
}
