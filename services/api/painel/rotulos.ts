import type { Apuracoes } from '#domain/apuracao.ts';
import { descricaoDe, MOTIVOS } from '#domain/motivos.ts';

/** What people call the codes that calls answer with. */
export interface Rotulos {
  /** Types of solution, by code, as the rulebook in force today has them. */
  tipos: Record<string, { nome: string; propostaValor: string; clausula: string }>;
  motivos: Record<string, string>;
  indicadores: Record<string, string>;
  /** Version of the rulebook that decides what happens today. */
  rulebook: string;
}

/** The names of today. */
export function rotulosDe({ rulebooksEmVigor }: Pick<Apuracoes, 'rulebooksEmVigor'>, agora = Date.now()): Rotulos {
  const { tiposSolucao, indicadores, versao } = rulebooksEmVigor.em(agora);
  const tipos = Object.entries(tiposSolucao).map(([codigo, { nome, propostaValor, clausula }]) => {
    return [codigo, { nome, propostaValor, clausula }] as const;
  });
  return {
    tipos: Object.fromEntries(tipos),
    motivos: Object.fromEntries(MOTIVOS.map((m) => [m, descricaoDe(m)])),
    indicadores: Object.fromEntries(Object.entries(indicadores).map(([codigo, { nome }]) => [codigo, nome])),
    rulebook: versao,
  };
}
