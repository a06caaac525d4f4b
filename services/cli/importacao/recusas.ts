import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { ERROS_HTTP } from '#platform/http/erros.ts';

/**
 * Why a line of a file is refused before the door is asked: what is said beside it, and the way out. docs/erros.md lists
 * them; a test compares. What the door refuses has the door's codes.
 */
export const RECUSAS = {
  ASPAS_INVALIDAS:
    'Feche as aspas da linha, ou apague-as; aspas dentro de um texto entre aspas se escrevem duas vezes.',
  BOOLEANO_INVALIDO: 'Escreva sim ou não (ou verdadeiro/falso, 1/0), ou dê uma `traducao` no mapa.',
  CODIFICACAO_DIVERGENTE:
    'Diga no mapa em que codificação o arquivo está (`codificacao: latin1`), ou salve-o em UTF-8.',
  COLUNAS_DIVERGENTES: 'Ponha entre aspas o texto que tem o separador, ou complete as colunas que faltam.',
  DATA_INVALIDA: 'Corrija a data, ou diga no mapa o `formato` em que ela está.',
  ID_REPETIDO: 'Dê a cada interação um id só dela: a segunda com o mesmo id não conta.',
  LINHA_GRANDE_DEMAIS: 'Divida o que a linha traz: ela passa do que a porta aceita de um evento.',
  NUMERO_INVALIDO: 'Corrija o número, ou diga no mapa qual é o separador decimal (`decimal: "."`).',
  TIPO_DESCONHECIDO: 'Use um dos tipos de interação do contrato, ou dê uma `traducao` no mapa.',
  VALOR_SEM_TRADUCAO: 'Inclua o valor na `traducao` do mapa, ou dê um `senao`.',
} as const;

/** The door's, which the reading of a file finds too. */
export type CodigoDaLinha = keyof typeof RECUSAS | 'CPF_INVALIDO' | 'CNPJ_INVALIDO';

const DA_PORTA: Readonly<Record<string, string>> = {
  CPF_INVALIDO: 'Confira o CPF no cadastro de origem; se a planilha tirou zeros à esquerda, use `zeros: 11` no mapa.',
  CNPJ_INVALIDO: 'Confira o CNPJ na origem; se a planilha tirou zeros à esquerda, use `zeros: 14` no mapa.',
  CPF_FORA_DO_LUGAR: 'Tire o CPF do campo: ele só vai em cliente.pf.cpf.',
  ESQUEMA_INVALIDO: 'Corrija ou preencha os campos nomeados.',
  FONTE_NAO_AUTORIZADA: 'O source do evento tem de ser o de --source.',
  INTERACAO_NAO_AUTORIZADA: 'Peça à operação que inclua a interação na fonte e na chave.',
  JSON_INVALIDO: 'Corrija a linha: é um objeto JSON por linha, em UTF-8.',
};

/** What to do about a refusal. */
export function saidaDe(codigo: string): string {
  const propria = (RECUSAS as Readonly<Record<string, string>>)[codigo] ?? DA_PORTA[codigo];
  if (propria !== undefined) return propria;
  return (ERROS_HTTP as Readonly<Record<string, { title: string }>>)[codigo]?.title ?? 'Veja docs/erros.md.';
}

/** One thing wrong with one line. */
export interface ErroDaLinha {
  codigo: string;
  /** Of the event, by its path; null: the line as a whole. */
  campo: string | null;
  /** Where in the file the field comes from; null: from no one column. */
  coluna: string | null;
  detalhe: string;
}

/** Whatever looks like a CPF is left out of what is said of a line. */
export function erroDaLinha(codigo: CodigoDaLinha, detalhe: string, campo?: string, coluna?: string): ErroDaLinha {
  return { codigo, campo: campo ?? null, coluna: coluna ?? null, detalhe: ocultaCpf(detalhe) };
}

/** A line that was neither read nor copied. */
export const linhaGrande = (): ErroDaLinha =>
  erroDaLinha('LINHA_GRANDE_DEMAIS', 'a linha não foi lida nem copiada: passa de 2 MiB');

const CAMPO = /(?:^|; )((?:data\.)?[A-Za-z][\w.]*): /g;

/**
 * The errors that a refusal of the door tells of: one for each field that `detalhe` names.
 * @param colunaDe the column a field (`cliente.pf.cpf`, `time`) comes from
 */
export function errosDaPorta(
  codigo: string,
  detalhe: string,
  colunaDe: (campo: string) => string | null,
): [ErroDaLinha, ...ErroDaLinha[]] {
  const achados = [...detalhe.matchAll(CAMPO)];
  const erros = achados.map((achado, n): ErroDaLinha => {
    const campo = achado[1] ?? '';
    const texto = detalhe.slice(achado.index + achado[0].length, achados[n + 1]?.index);
    return { codigo, campo, coluna: colunaDe(campo), detalhe: ocultaCpf(texto) };
  });
  const [primeiro, ...outros] = erros;
  if (primeiro === undefined) return [{ codigo, campo: null, coluna: null, detalhe: ocultaCpf(detalhe) }];
  return [primeiro, ...outros];
}

/** One error as it is said: where, and what. */
export function textoDoErro({ campo, coluna, detalhe }: ErroDaLinha): string {
  const onde = [campo, coluna === null ? null : `coluna '${coluna}'`].filter((parte) => parte !== null);
  return onde.length === 0 ? detalhe : `${onde.join(', ')}: ${detalhe}`;
}
