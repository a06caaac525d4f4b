import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Apuracoes } from '#domain/apuracao.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { RetryableError } from '#platform/errors.ts';
import type { LeitorDeEstado, LeituraDeEstado } from '#platform/estado/leitor.ts';
import { jaTem, marcaDe } from './marca.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** For the OpenAPI document: the answer has a tag, and comes as CSV too. */
    lida?: boolean;
  }
}

const FORMATOS = ['json', 'csv'] as const;
export type Formato = (typeof FORMATOS)[number];

/** The parameter that every call that reads takes. */
export const comFormato = {
  formato: z.enum(FORMATOS).optional().describe('padrão: o que Accept pede, text/csv ou application/json'),
};

/** The media types a caller accepts, the preferred first. */
export function aceitos(accept: string): string[] {
  const todos = accept.split(',').map((um) => {
    const [tipo = '', ...parametros] = um.split(';').map((parte) => parte.trim().toLowerCase());
    const q = parametros.find((p) => p.startsWith('q='));
    return { tipo, q: q === undefined ? 1 : Number(q.slice(2)) };
  });
  return todos
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ tipo }) => tipo);
}

/** What an answer is to be: as the address says, else as Accept prefers, else JSON. */
export function formatoDe(pedido: Formato | undefined, accept: string | undefined): Formato {
  if (pedido !== undefined) return pedido;
  const preferido = aceitos(accept ?? '').find((tipo) => /^(text\/csv|application\/(json|\*)|\*\/\*)$/.test(tipo));
  return preferido === 'text/csv' ? 'csv' : 'json';
}

/** One generation's reads, and the rulebooks by whose decisions they are. */
export interface Leitura extends LeituraDeEstado {
  rulebooks: Rulebooks;
  /** Names generation and rulebooks, for a tag. */
  origem: string;
}

export interface FontesDaLeitura {
  leitor: Pick<LeitorDeEstado, 'deUmaGeracao'>;
  apuracoes: Pick<Apuracoes, 'rulebooks' | 'de'>;
}

const resumos = new WeakMap<Rulebooks, string>();

/** Changes where a rulebook does, also under the same name. */
function resumoDe(rulebooks: Rulebooks): string {
  const feito = resumos.get(rulebooks);
  if (feito !== undefined) return feito;
  const resumo = createHash('sha256').update(JSON.stringify(rulebooks.vigencias())).digest('base64url');
  resumos.set(rulebooks, resumo);
  return resumo;
}

/** Makes one answer from one generation of the state, and the rulebooks of that one. */
export function daGeracao<T>({ leitor, apuracoes }: FontesDaLeitura, le: (leitura: Leitura) => Promise<T>): Promise<T> {
  return leitor.deUmaGeracao(async (leitura) => {
    const { apuracao, geracao } = leitura;
    if (apuracao !== 0 && apuracoes.de(apuracao) === undefined) {
      // Its record is on its way here.
      throw new RetryableError(`ainda não se sabe da apuração ${apuracao}`);
    }
    const rulebooks = apuracoes.rulebooks(apuracao);
    return le({ ...leitura, rulebooks, origem: `${geracao} ${resumoDe(rulebooks)}` });
  });
}

/** An answer's body in either form, and the address of its next page. */
interface Corpo {
  json: () => unknown;
  csv: () => string;
  proximo?: string | null;
}

/** An answer as it is sent. */
interface Feita {
  texto: string;
  proximo: string | null;
}

/** An answer's tag and, where the caller has not the same already, the answer. */
export interface Lida {
  marca: string;
  feita: Feita | null;
}

/** What is counted, by version; read only where the caller has not the answer of that version. */
interface Fonte<T> {
  versao: string;
  le: () => Promise<{ versao: string; valor: T }>;
}

const LEMBRADAS = 200;
const MAIOR_LEMBRADA = 262_144;
/** Answers of numbers by their tags: what many ask for is laid out once until it changes. The oldest first. */
const lembradas = new Map<string, Feita>();

function lembra(marca: string, feita: Feita): void {
  if (feita.texto.length > MAIOR_LEMBRADA) return;
  const [maisAntiga] = lembradas.keys();
  if (lembradas.size >= LEMBRADAS && maisAntiga !== undefined) lembradas.delete(maisAntiga);
  lembradas.set(marca, feita);
}

interface OpcoesDaLida {
  /** Whatever decides what the answer says, beside what is counted. */
  partes: readonly string[];
  formato: Formato;
  /** Whether it may be remembered: not of a person. */
  numeros: boolean;
}

/** An answer from counters. */
export async function lida<T>(
  request: Pick<FastifyRequest, 'headers'>,
  fonte: Fonte<T>,
  { partes, formato, numeros }: OpcoesDaLida,
  corpo: (valor: T) => Corpo,
): Promise<Lida> {
  const marcaEm = (versao: string): string => marcaDe(versao, formato, ...partes);
  const antes = marcaEm(fonte.versao);
  if (jaTem(request, antes)) return { marca: antes, feita: null };
  const lembrada = lembradas.get(antes);
  if (lembrada !== undefined) return { marca: antes, feita: lembrada };
  const { versao, valor } = await fonte.le();
  const { json, csv, proximo = null } = corpo(valor);
  const feita = { texto: formato === 'csv' ? csv() : JSON.stringify(json()), proximo };
  const marca = marcaEm(versao);
  if (numeros) lembra(marca, feita);
  return { marca, feita };
}

/** Numbers may be kept, and asked about each time; who a person is may not be kept at all. */
const GUARDA = { numeros: 'private, no-cache', cliente: 'private, no-store' } as const;

const TIPOS = { json: 'application/json; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const;

/** Sends an answer: 304 without a body, JSON, or CSV; the address of its next page in Link too. */
export function envia(reply: FastifyReply, formato: Formato, guarda: keyof typeof GUARDA, { marca, feita }: Lida) {
  reply.header('etag', marca).header('cache-control', GUARDA[guarda]).header('vary', 'accept, authorization');
  if (feita === null) return reply.code(304).send();
  if (feita.proximo !== null) reply.header('link', `<${feita.proximo}>; rel="next"`);
  return reply.type(TIPOS[formato]).send(feita.texto);
}

/** The address of the next page: of this one, at another cursor. @param fixos parameters said whole from here on */
export function enderecoDaProxima(
  caminho: string,
  url: string,
  cursor: string | null,
  fixos: Readonly<Record<string, string>> = {},
): string | null {
  if (cursor === null) return null;
  const busca = new URLSearchParams(url.split('?')[1] ?? '');
  for (const [nome, valor] of Object.entries({ ...fixos, cursor })) busca.set(nome, valor);
  return `${caminho}?${busca}`;
}
