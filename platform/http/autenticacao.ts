import type { FastifyRequest } from 'fastify';
import type { Credencial } from '../credenciais/credencial.ts';
import type { Papel } from '../credenciais/permissoes.ts';
import type { Credenciais } from '../credenciais/tabela.ts';
import { ErroHttp } from './erros.ts';
import { Ritmo } from './ritmo.ts';
import { iniciando } from './traduz.ts';

const PORTADOR = /^Bearer +(\S{1,512})$/i;

type Requisicao = Pick<FastifyRequest, 'headers' | 'method' | 'protocol'>;

/**
 * Who calls without an Authorization header, by a session; null: there is none.
 * @throws ErroHttp SESSAO_ENCERRADA, ORIGEM_RECUSADA
 */
export type PorSessao = (request: Requisicao, credenciais: Credenciais) => Credencial | null;

const SEM_SESSAO: PorSessao = () => null;

/**
 * Who is calling: by the key, else by the session where the service has such.
 * @throws ErroHttp CREDENCIAL_AUSENTE or CREDENCIAL_INVALIDA, and what `porSessao` throws
 */
export function autentica(request: Requisicao, credenciais: Credenciais, porSessao: PorSessao): Credencial {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const daSessao = porSessao(request, credenciais);
    if (daSessao !== null) return daSessao;
  }
  const segredo = PORTADOR.exec(authorization ?? '')?.[1];
  if (segredo === undefined) {
    throw new ErroHttp('CREDENCIAL_AUSENTE', 'envie o cabeçalho Authorization: Bearer <chave>');
  }
  const credencial = credenciais.porSegredo(segredo);
  if (credencial === undefined) {
    throw new ErroHttp('CREDENCIAL_INVALIDA', 'a chave não existe ou foi revogada; peça outra à operação');
  }
  return credencial;
}

/** The caller, who has at least one of the roles. @throws ErroHttp PAPEL_INSUFICIENTE too */
export function exige(
  request: Requisicao,
  credenciais: Credenciais,
  papeis: readonly Papel[],
  porSessao: PorSessao = SEM_SESSAO,
): Credencial {
  const credencial = autentica(request, credenciais, porSessao);
  if (!papeis.some((p) => credencial.papeis.includes(p))) {
    throw new ErroHttp('PAPEL_INSUFICIENTE', `este endereço pede uma chave com o papel ${papeis.join(' ou ')}`);
  }
  return credencial;
}

/** Who calls, and what the call costs. */
export interface Chamada {
  credencial: Credencial;
  /** Counts the request against the key's limit. @throws ErroHttp LIMITE_DA_CHAVE */
  entra(): void;
  /**
   * Counts the events of a request let in, of which the first is the request itself. Of a body that takes long: again
   * and again.
   * @throws ErroHttp CREDENCIAL_INVALIDA the key was revoked meanwhile
   */
  cobra(eventos: number): void;
}

/** What a handler is given: what the service stands on, and who calls. */
export type Guarda<D> = (request: Requisicao, papeis: readonly Papel[]) => D & Chamada;

/**
 * The check every route with a key begins with.
 * @param dependencias null while the servers are waited for: 503
 * @param porSessao who may call without a key
 */
export function guarda<D extends { credenciais: { tabela: Credenciais } }>(
  dependencias: () => D | null,
  porSessao?: PorSessao,
): Guarda<D> {
  const ritmo = new Ritmo();
  return (request, papeis) => {
    const prontas = dependencias();
    if (prontas === null) {
      throw iniciando();
    }
    const { tabela } = prontas.credenciais;
    const credencial = exige(request, tabela, papeis, porSessao);
    let pagos = 1;
    return {
      ...prontas,
      credencial,
      entra: () => ritmo.entra(credencial),
      cobra: (eventos) => {
        ritmo.debita(credencial, Math.max(0, eventos - pagos));
        pagos = Math.max(0, pagos - eventos);
        exige(request, tabela, papeis, porSessao);
      },
    };
  };
}

/** As a hook: before the body is read, so that a caller without a key, or beyond its limit, costs nothing. */
export function antesDoCorpo<D>(exigeQuem: Guarda<D>, papeis: readonly Papel[]) {
  return async (request: Requisicao): Promise<void> => {
    exigeQuem(request, papeis).entra();
  };
}
