import type { FastifyRequest } from 'fastify';
import type { Quem } from '../atos.ts';
import type { Credencial } from '../credenciais/credencial.ts';

/** Who is behind the key, as the caller says: percent-encoded UTF-8. */
export const CABECALHO_DO_AUTOR = 'x-atendido-por';

const MAIOR_NOME = 200;

/** Who does what a request asks for: the key is known, the name is only told. */
export function quemDe({ headers }: Pick<FastifyRequest, 'headers'>, { id }: Pick<Credencial, 'id'>): Quem {
  const dito = headers[CABECALHO_DO_AUTOR];
  const nome = typeof dito === 'string' ? decodifica(dito).trim().slice(0, MAIOR_NOME) : '';
  return { quem: nome || id, chave: id };
}

function decodifica(texto: string): string {
  try {
    return decodeURIComponent(texto);
  } catch {
    return texto;
  }
}
