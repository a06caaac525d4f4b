import { z } from 'zod';
import type { Papel, Permitida } from '#platform/credenciais/permissoes.ts';
import { CABECALHO_DO_AUTOR } from '#platform/http/quem.ts';
import {
  type CredencialCriada,
  type CredencialVisivel,
  credencialCriada,
  credencialVisivel,
} from '#platform/http/rotas-de-escrita.ts';
import { type Chamada, chama } from './api.ts';
import { instante, numero } from './formato.ts';
import { tabela } from './tabela.ts';

export interface PedidoDeChave {
  id: string;
  papeis: Papel[];
  source?: string | undefined;
  interacoes?: Permitida[] | undefined;
  /** Requests a second. */
  limite?: number | undefined;
  /** The source's name, where it is to be registered before: it may send what the key may. */
  nomeDaFonte?: string | undefined;
  /** The unidade of that source's xAPI statements that say none. */
  unidade?: string | undefined;
  sinal?: AbortSignal | undefined;
}

const caminhoDe = (id: string): string => `/v1/credenciais/${encodeURIComponent(id)}`;
const como = (por: string, chamada: Chamada): Chamada => ({
  ...chamada,
  headers: { ...chamada.headers, [CABECALHO_DO_AUTOR]: encodeURIComponent(por) },
});

/** Registers a source, in the place of the one that had the name. @throws CodedError the api's own */
export async function registraFonte(
  source: string,
  fonte: { nome: string; interacoes?: Permitida[] | undefined; unidade?: string | undefined },
  por: string,
  sinal?: AbortSignal,
): Promise<void> {
  await chama(como(por, { metodo: 'PUT', caminho: `/v1/fontes/${encodeURIComponent(source)}`, corpo: fonte, sinal }));
}

/** Makes a key, where there is none with the id. @throws CodedError CREDENCIAL_EXISTENTE and the api's others */
export async function cria(chave: PedidoDeChave, por: string): Promise<CredencialCriada> {
  const { id, nomeDaFonte: nome, unidade, sinal, ...pedido } = chave;
  const { source, interacoes } = pedido;
  if (nome !== undefined && source !== undefined)
    await registraFonte(source, { nome, interacoes, unidade }, por, sinal);
  const headers = { 'if-none-match': '*' };
  return credencialCriada.parse(
    await chama(como(por, { metodo: 'PUT', caminho: caminhoDe(id), corpo: pedido, headers, sinal })),
  );
}

/** @param carencia seconds that the secret it had goes on holding; undefined: as the api says */
export async function troca(id: string, carencia: number | undefined, por: string): Promise<CredencialCriada> {
  const corpo = { carenciaSegundos: carencia };
  return credencialCriada.parse(await chama(como(por, { metodo: 'POST', caminho: `${caminhoDe(id)}/troca`, corpo })));
}

export async function revoga(id: string, por: string, sinal?: AbortSignal): Promise<void> {
  await chama(como(por, { metodo: 'DELETE', caminho: caminhoDe(id), sinal }));
}

export async function lista(): Promise<CredencialVisivel[]> {
  return z.array(credencialVisivel).parse(await chama({ metodo: 'GET', caminho: '/v1/credenciais' }));
}

/** The secret alone on standard output, for a file or a variable; all else is for who reads, on standard error. */
export function textoDaNova({ id, anteriorAte }: CredencialCriada): string {
  const anterior = anteriorAte === null ? '' : ` A anterior vale até ${instante(anteriorAte)}.`;
  return `Chave '${id}': guarde-a agora, ela não é mostrada de novo.${anterior}`;
}

export function textoDaLista(chaves: readonly CredencialVisivel[]): string {
  if (chaves.length === 0) return 'Não há chaves, além da de operação.';
  const linhas = chaves.map(({ id, papeis, source, interacoes, limite, criada, mudada, anteriorAte }) => [
    ...[id, papeis.join(', '), source ?? '–', source === null ? '–' : (interacoes?.join(', ') ?? 'as da fonte')],
    ...[limite === null ? '–' : `${numero(limite)}/s`, instante(mudada ?? criada)],
    anteriorAte === null ? '–' : instante(anteriorAte),
  ]);
  return tabela(['id', 'papéis', 'fonte', 'tipos', 'limite', 'desde', 'a anterior vale até'], 7, linhas);
}
