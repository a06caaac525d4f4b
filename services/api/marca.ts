import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** The shape of answers: to be changed with them, so that nobody is told that an answer of another shape still stands. */
const FORMA = 2;

/**
 * A weak tag of whatever an answer is made from. Not of its body: what it is made from is known before it is read and
 * laid out, is the same in every process of the api, and says no more than the same numbers (hence weak).
 */
export function marcaDe(...partes: readonly (string | number)[]): string {
  return `W/"${marcaDoValor(JSON.stringify([FORMA, ...partes]))}"`;
}

/** What stands for a value that is at hand already. */
export function marcaDoValor(valor: Buffer | string): string {
  return createHash('sha256').update(valor).digest('base64url').slice(0, 22);
}

const semW = (marca: string): string => marca.trim().replace(/^W\//, '');

/** Whether the caller has the answer of this tag already (RFC 9110, 13.1.2; compared weakly). */
export function jaTem({ headers }: Pick<FastifyRequest, 'headers'>, marca: string): boolean {
  const dadas = headers['if-none-match'];
  if (dadas === undefined) return false;
  return dadas.split(',').some((dada) => dada.trim() === '*' || semW(dada) === semW(marca));
}
