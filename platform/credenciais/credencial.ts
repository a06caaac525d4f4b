import { hash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { UNIDADES } from '#domain/contrato.ts';
import { type Interacao, TIPOS_INTERACAO } from '#domain/interacao.ts';

export const PAPEIS = ['produtor', 'bi', 'operacao', 'consulta'] as const;
export type Papel = (typeof PAPEIS)[number];

/** The one thing that only Sebrae Nacional's systems may send (RG of clause 6.4): no `*` covers it. */
export const FAMPE = 'contratacao:garantia-fampe';
/** Every kind, save {@link FAMPE}. */
export const TODAS = '*';

export const nomeDeFonte = z.string().min(1).max(512);
/** Kinds that may be sent. `contratacao` is that of any type but garantia-fampe. */
export const interacoesPermitidas = z.array(z.enum([TODAS, FAMPE, ...TIPOS_INTERACAO])).min(1);
export type Permitida = z.infer<typeof interacoesPermitidas>[number];

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

/** A key as it is kept: its secret only as a hash. */
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
});
export type Credencial = z.infer<typeof credencial>;

/** 256 random bits: nothing to guess. */
export function novoSegredo(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * One SHA-256 is enough, and fast enough for every request: a slow hash protects what people choose, and there is no
 * dictionary of 256-bit random numbers. Looked up by hash, so that no comparison's time says anything of a secret.
 */
export function hashDoSegredo(segredo: string): string {
  return hash('sha256', segredo, 'base64url');
}

/** Whether the list lets the interaction through. */
export function permite(lista: readonly Permitida[], i: Pick<Interacao, 'tipoInteracao' | 'tipoSolucao'>): boolean {
  if (i.tipoInteracao === 'contratacao' && i.tipoSolucao === 'garantia-fampe') return lista.includes(FAMPE);
  return lista.includes(TODAS) || (lista as readonly string[]).includes(i.tipoInteracao);
}
