import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { UNIDADES } from '#domain/contrato.ts';
import type { Interacao } from '#domain/interacao.ts';
import { FAMPE, INTERACOES_PERMITIDAS, PAPEIS, type Permitida, TODAS } from './permissoes.ts';

export const nomeDeFonte = z.string().min(1).max(512);
export const interacoesPermitidas = z.array(z.enum(INTERACOES_PERMITIDAS)).min(1);

/** The Sebrae unit of what a source sends by xAPI, which has no place for it. */
export const unidadeDaFonte = z.enum(UNIDADES).optional();

/** A producing system. */
export const fonte = z.object({
  source: nomeDeFonte,
  nome: z.string(),
  interacoes: interacoesPermitidas,
  unidade: unidadeDaFonte,
});
export type Fonte = z.infer<typeof fonte>;

/** Requests a second that a key may make; a request of several events is as many. */
export const limiteDaChave = z.int().min(1).max(1_000_000);

/** A key as it is kept: its secret only as a hash. Fields that older records lack have a default. */
export const credencial = z.object({
  id: z.string(),
  /** SHA-256 of the secret, base64url. */
  hash: z.string(),
  /** Required of a produtor: the only source it may send as. */
  source: z.string().nullable(),
  papeis: z.array(z.enum(PAPEIS)),
  /** null: whatever its source may send. */
  interacoes: interacoesPermitidas.nullable(),
  /** ISO 8601. */
  criada: z.string(),
  /** When its secret was last changed, ISO 8601; null: not since it was made. */
  mudada: z.string().nullable().default(null),
  /** The secret before the last change of it, and until when (ISO 8601) it still holds. */
  anterior: z.object({ hash: z.string(), ate: z.string() }).nullable().default(null),
  /** null: as many as it likes. */
  limite: limiteDaChave.nullable().default(null),
});
export type Credencial = z.infer<typeof credencial>;

/** 256 random bits: nothing to guess. */
export function novoSegredo(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * One SHA-256 is enough, and fast enough for every request: a slow hash, or a pepper, protects what people choose, and
 * there is no dictionary of 256-bit random numbers. base64url.
 */
export function hashDoSegredo(segredo: string): string {
  return hash('sha256', segredo, 'base64url');
}

/** Whether two hashes are the same, in a time that does not depend on where they differ. */
export function mesmoHash(um: string, outro: string): boolean {
  const [a, b] = [Buffer.from(um), Buffer.from(outro)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether the list lets the interaction through. */
export function permite(lista: readonly Permitida[], i: Pick<Interacao, 'tipoInteracao' | 'tipoSolucao'>): boolean {
  if (i.tipoInteracao === 'contratacao' && i.tipoSolucao === 'garantia-fampe') return lista.includes(FAMPE);
  return lista.includes(TODAS) || (lista as readonly string[]).includes(i.tipoInteracao);
}
