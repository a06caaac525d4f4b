import type { IncomingHttpHeaders } from 'node:http';
import { ErroHttp } from '#platform/http/erros.ts';
import { EVENTO_JSON, LOTE_JSON } from '#platform/http/rotas-de-escrita.ts';
import { jsonUtf8 } from '#platform/utf8.ts';

/** The most items of one batch. */
export const MAXIMO_DE_ITENS = 10_000;

/** One event of a request: parsed JSON, or what kept it from being parsed: `linhaLonga` is the bytes it may have. */
export type Item = { evento: unknown } | { jsonInvalido: true } | { linhaLonga: number };

/** A request's events; `lote`: it is answered item by item. */
export interface Pedido {
  lote: boolean;
  itens: Item[];
}

export function leJson(bytes: Uint8Array): { evento: unknown } | { jsonInvalido: true } {
  const lido = jsonUtf8(bytes);
  return lido === null ? { jsonInvalido: true } : { evento: lido.json };
}

function exigeJson(bytes: Uint8Array): unknown {
  const item = leJson(bytes);
  if ('jsonInvalido' in item) throw new ErroHttp('JSON_INVALIDO', 'o corpo não é JSON válido, em UTF-8');
  return item.evento;
}

function exigeMaximo(itens: number): void {
  if (itens <= MAXIMO_DE_ITENS) return;
  throw new ErroHttp('LOTE_GRANDE_DEMAIS', `um pedido leva no máximo ${MAXIMO_DE_ITENS} eventos; divida-o`);
}

function lote(corpo: Buffer): Item[] {
  const eventos = exigeJson(corpo);
  if (!Array.isArray(eventos)) throw new ErroHttp('ESQUEMA_INVALIDO', 'um lote é uma lista de eventos');
  exigeMaximo(eventos.length);
  return eventos.map((evento: unknown) => ({ evento }));
}

const ENTRE_ASPAS = /^"((?:[^"\\]|\\.)*)"$/;

/** CloudEvents, HTTP binding 3.1.3.2: quotes first, then percent-encoding. */
function decodifica(valor: string): string {
  const semAspas = ENTRE_ASPAS.exec(valor)?.[1]?.replace(/\\(.)/g, '$1') ?? valor;
  try {
    return decodeURIComponent(semAspas);
  } catch {
    return semAspas;
  }
}

/** Binary mode: attributes are `ce-` headers, percent-encoded; the body is `data`. */
function binario(headers: IncomingHttpHeaders, corpo: Buffer): Item {
  const atributos = Object.entries(headers)
    .filter((h): h is [string, string] => h[0].startsWith('ce-') && typeof h[1] === 'string')
    .map(([nome, valor]) => [nome.slice('ce-'.length), decodifica(valor)]);
  const data = corpo.length === 0 ? undefined : exigeJson(corpo);
  return { evento: { ...Object.fromEntries(atributos), ...(data === undefined ? {} : { data }) } };
}

/**
 * The events of a request that is read whole, in any of the modes of CloudEvents over HTTP.
 * @param tipo the media type, lower case, without parameters
 * @throws ErroHttp JSON_INVALIDO, LOTE_GRANDE_DEMAIS, ESQUEMA_INVALIDO, TIPO_DE_CONTEUDO_INVALIDO
 */
export function lePedido(tipo: string, headers: IncomingHttpHeaders, corpo: Buffer): Pedido {
  if (tipo === LOTE_JSON) {
    const itens = lote(corpo);
    if (itens.length === 0) throw new ErroHttp('ESQUEMA_INVALIDO', 'o pedido não traz evento algum');
    return { lote: true, itens };
  }
  if (!EVENTO_JSON.includes(tipo)) throw new ErroHttp('TIPO_DE_CONTEUDO_INVALIDO', `não se aceita ${tipo}`);
  if (tipo === 'application/json' && headers['ce-specversion'] !== undefined) {
    return { lote: false, itens: [binario(headers, corpo)] };
  }
  return { lote: false, itens: [{ evento: exigeJson(corpo) }] };
}
