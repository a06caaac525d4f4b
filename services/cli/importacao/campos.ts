import { z } from 'zod';
import { dadosDoEvento } from '#domain/evento.ts';

export type TipoDeCampo = 'texto' | 'numero' | 'inteiro' | 'booleano' | 'instante';

interface NoDoEsquema {
  type?: string;
  properties?: Record<string, NoDoEsquema>;
}

const TIPOS: Readonly<Record<string, TipoDeCampo>> = {
  string: 'texto',
  number: 'numero',
  integer: 'inteiro',
  boolean: 'booleano',
};

function* folhas(no: NoDoEsquema, caminho: string): Generator<[string, TipoDeCampo]> {
  for (const [nome, filho] of Object.entries(no.properties ?? {})) {
    const proprio = caminho === '' ? nome : `${caminho}.${nome}`;
    const tipo = TIPOS[filho.type ?? ''];
    if (tipo !== undefined) yield [proprio, tipo];
    else yield* folhas(filho, proprio);
  }
}

/**
 * What a column of a file may be: the attributes of the event, and each field of `data` that is one value, by its path.
 * A list (`participantes`) fits no cell.
 */
export const CAMPOS: ReadonlyMap<string, TipoDeCampo> = new Map<string, TipoDeCampo>([
  ['id', 'texto'],
  ['tipo', 'texto'],
  ['time', 'instante'],
  ...folhas(z.toJSONSchema(dadosDoEvento, { io: 'input' }) as NoDoEsquema, ''),
]);

/** Those of a document: punctuation and zeros on the left, and no part of an id. */
export const DOCUMENTOS: ReadonlySet<string> = new Set(['cliente.pf.cpf', 'cliente.pj.cnpj', 'pjCriada']);

/** Shorter names of columns, where there is no map. */
const APELIDOS: Readonly<Record<string, string>> = {
  type: 'tipo',
  tipointeracao: 'tipo',
  cpf: 'cliente.pf.cpf',
  cnpj: 'cliente.pj.cnpj',
  vinculo: 'cliente.pj.vinculo',
};
const PELO_NOME = new Map([...CAMPOS.keys()].map((campo) => [campo.toLowerCase(), campo]));

/** The field a column named as in the contract holds (`data.unidade`, `unidade`, `CPF`); null: none. */
export function campoDaColuna(coluna: string): string | null {
  const nome = coluna
    .trim()
    .toLowerCase()
    .replace(/^data\./, '');
  return APELIDOS[nome] ?? PELO_NOME.get(nome) ?? null;
}
