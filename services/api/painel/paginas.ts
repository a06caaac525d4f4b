import type { Papel } from '#platform/credenciais/permissoes.ts';

/** A page of the panel: who may see it. What it shows is asked of calls that check their roles themselves. */
export interface Pagina {
  /** Its address: /painel/<id>. */
  id: string;
  titulo: string;
  /** Any of these is enough. */
  papeis: readonly Papel[];
}

/**
 * Every page, in the order of the navigation: the first that a key may see is where it lands. Served by roles here and
 * shown by roles in app/; docs/painel.md has the table, which a test compares.
 */
export const PAGINAS = [
  { id: 'hoje', titulo: 'Hoje', papeis: ['consulta', 'bi'] },
  { id: 'indicadores', titulo: 'Indicadores', papeis: ['consulta', 'bi'] },
  { id: 'cliente', titulo: 'Cliente', papeis: ['consulta'] },
  { id: 'por-que-contou', titulo: 'Por que contou?', papeis: ['consulta', 'operacao', 'produtor'] },
  { id: 'quarentena', titulo: 'Quarentena', papeis: ['operacao'] },
  { id: 'operacao', titulo: 'Operação', papeis: ['operacao'] },
] as const satisfies readonly Pagina[];

export type IdDaPagina = (typeof PAGINAS)[number]['id'];

/** The page at an address, if there is one. */
export function paginaDe(id: string): (typeof PAGINAS)[number] | undefined {
  return PAGINAS.find((p) => p.id === id);
}

/** Whether a key with these roles may see a page. */
export function podeVer({ papeis }: Pagina, daChave: readonly Papel[]): boolean {
  return papeis.some((p) => daChave.includes(p));
}
