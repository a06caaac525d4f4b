import { type EstadoCliente, entregas, type Portador } from './cliente.ts';
import type { Rulebooks } from './rulebook.ts';
import { diaDe } from './tempo.ts';

/**
 * What became of a counting interaction: it is the delivery (`conta`); another one, earlier, is the same delivery
 * (`repetida`); it was taken back (`estornada`).
 */
export const SITUACOES = ['conta', 'repetida', 'estornada'] as const;
export type Situacao = (typeof SITUACOES)[number];

/** A counting interaction of a client, and the clause it counts by. */
export interface Entrega extends Portador {
  situacao: Situacao;
  /** Its calendar day in America/Sao_Paulo: what decides its year and month. */
  dia: string;
  /** The name of the type, its value proposition and its clause; null: the rulebook has no such type. */
  nome: string | null;
  propostaValor: string | null;
  regra: string | null;
  rulebook: string;
}

/** The newest first; of one instant, by source and id. */
function maisNova(a: Portador, b: Portador): number {
  if (a.time !== b.time) return b.time - a.time;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/**
 * Every counting interaction of a client, the newest first. The state keeps no clause: what counts does so by that of
 * its type, in the rulebook in force when it happened.
 */
export function historico(estado: EstadoCliente, rulebooks: Rulebooks): Entrega[] {
  const contam = new Set(entregas(estado));
  return [...estado.portadores].sort(maisNova).map((p) => {
    const rulebook = rulebooks.em(p.time);
    const tipo = Object.hasOwn(rulebook.tiposSolucao, p.tipoSolucao) ? rulebook.tiposSolucao[p.tipoSolucao] : undefined;
    const situacao = p.desfeito ? 'estornada' : contam.has(p) ? 'conta' : 'repetida';
    return {
      ...p,
      situacao,
      dia: diaDe(p.time),
      nome: tipo?.nome ?? null,
      propostaValor: tipo?.propostaValor ?? null,
      regra: tipo?.clausula ?? null,
      rulebook: rulebook.versao,
    };
  });
}
