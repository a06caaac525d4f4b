import { TIPOS_INTERACAO } from '#domain/interacao.ts';

export const PAPEIS = ['produtor', 'bi', 'operacao', 'consulta'] as const;
export type Papel = (typeof PAPEIS)[number];

/** The one thing that only Sebrae Nacional's systems may send (RG of clause 6.4): no `*` covers it. */
export const FAMPE = 'contratacao:garantia-fampe';
/** Every kind, save {@link FAMPE}. */
export const TODAS = '*';

/** Kinds that may be sent. `contratacao` is that of any type but garantia-fampe. */
export const INTERACOES_PERMITIDAS = [TODAS, FAMPE, ...TIPOS_INTERACAO] as const;
export type Permitida = (typeof INTERACOES_PERMITIDAS)[number];
