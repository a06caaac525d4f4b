import type { FastifyRequest } from 'fastify';
import type { Credencial, Papel } from '../credenciais/credencial.ts';
import type { Credenciais } from '../credenciais/tabela.ts';
import { ErroHttp } from './erros.ts';

const PORTADOR = /^Bearer +(\S{1,512})$/i;

/** Who is calling. @throws ErroHttp CREDENCIAL_AUSENTE or CREDENCIAL_INVALIDA */
export function autentica(request: Pick<FastifyRequest, 'headers'>, credenciais: Credenciais): Credencial {
  const segredo = PORTADOR.exec(request.headers.authorization ?? '')?.[1];
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
  request: Pick<FastifyRequest, 'headers'>,
  credenciais: Credenciais,
  papeis: readonly Papel[],
): Credencial {
  const credencial = autentica(request, credenciais);
  if (!papeis.some((p) => credencial.papeis.includes(p))) {
    throw new ErroHttp('PAPEL_INSUFICIENTE', `este endereço pede uma chave com o papel ${papeis.join(' ou ')}`);
  }
  return credencial;
}
