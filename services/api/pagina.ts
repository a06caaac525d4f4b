import { z } from 'zod';
import { ErroHttp } from '#platform/http/erros.ts';
import { marcaDoValor } from './marca.ts';

/** What an item is ordered by, the first part first. */
export type Chave = readonly (string | number)[];

const cursorLido = z.tuple([z.string(), z.array(z.union([z.string(), z.number()]))]);

/** The query a cursor belongs to: with another one it would name a place in another order. */
function marcaDaConsulta(consulta: object): string {
  return marcaDoValor(JSON.stringify(consulta)).slice(0, 8);
}

function escreve(consulta: object, chave: Chave): string {
  return Buffer.from(JSON.stringify([marcaDaConsulta(consulta), chave])).toString('base64url');
}

function le(cursor: string, consulta: object): Chave {
  const recusa = (detalhe: string): ErroHttp => new ErroHttp('PARAMETRO_INVALIDO', `cursor: ${detalhe}`);
  let dados: unknown;
  try {
    dados = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (cause) {
    throw new ErroHttp('PARAMETRO_INVALIDO', 'cursor: não é um que esta api deu', { cause });
  }
  const lido = cursorLido.safeParse(dados);
  if (!lido.success) throw recusa('não é um que esta api deu');
  const [marca, chave] = lido.data;
  if (marca !== marcaDaConsulta(consulta)) throw recusa('é de outra consulta; use o endereço de `proximo` como veio');
  return chave;
}

/** The order of two keys of the same parts; those of `decrescente` from the greatest down. */
export function compara(a: Chave, b: Chave, decrescente: ReadonlySet<number>): number {
  for (const [i, x] of a.entries()) {
    const y = b[i];
    if (y === undefined || x === y) continue;
    const antes = x < y ? -1 : 1;
    return decrescente.has(i) ? -antes : antes;
  }
  return 0;
}

/** Items in the order of their keys. */
export function ordena<T>(itens: readonly T[], chaveDe: (item: T) => Chave, decrescente: readonly number[]): T[] {
  const desce = new Set(decrescente);
  return itens
    .map((item) => ({ item, chave: chaveDe(item) }))
    .sort((a, b) => compara(a.chave, b.chave, desce))
    .map(({ item }) => item);
}

export interface Paginado<T> {
  /** In the order of their keys, each key once. */
  itens: readonly T[];
  chaveDe: (item: T) => Chave;
  /** The parts of a key that go from the greatest down. */
  decrescente?: readonly number[];
  limite: number;
  cursor: string | undefined;
  /** All that decides which items there are, and their order. */
  consulta: object;
}

/**
 * The items after the cursor, and the cursor of the next page; null: this is the last. A cursor holds the key of the last
 * item given, not how many were: what comes or goes meanwhile moves no other item across a page's edge.
 * @throws ErroHttp PARAMETRO_INVALIDO
 */
export function pagina<T>({ itens, chaveDe, decrescente = [], limite, cursor, consulta }: Paginado<T>): {
  itens: T[];
  proximo: string | null;
} {
  const desce = new Set(decrescente);
  const depoisDe = cursor === undefined ? null : le(cursor, consulta);
  const inicio = depoisDe === null ? 0 : itens.findIndex((item) => compara(chaveDe(item), depoisDe, desce) > 0);
  if (inicio < 0) return { itens: [], proximo: null };
  const dela = itens.slice(inicio, inicio + limite);
  const ultimo = dela.at(-1);
  const acabou = ultimo === undefined || inicio + limite >= itens.length;
  return { itens: dela, proximo: acabou ? null : escreve(consulta, chaveDe(ultimo)) };
}

/** The parameters of a page. @param padrao how many items where nothing is said */
export function parametrosDePagina(padrao: number, maximo: number) {
  return {
    limite: z.coerce.number().int().min(1).max(maximo).default(padrao).describe(`itens por página (padrão: ${padrao})`),
    cursor: z.string().min(1).max(4_096).optional().describe('de onde continuar: vem em `proximo`'),
  };
}
