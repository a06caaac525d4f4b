import type { Responsavel } from './interacao.ts';

/** The *criação* of the Diretrizes. */
export interface Solucao {
  id: string;
  tipoSolucao: string;
  nome: string;
  /** 0 to 1; null: any presence is proof. */
  frequenciaMinima: number | null;
  /** Moment code to whether it counts; null: the solution defines none. */
  momentos: Record<string, boolean> | null;
  educacaoEmpreendedora: { publicoAlvo: string } | null;
}

/** The *oferta* of the Diretrizes. */
export interface Disponibilizacao {
  id: string;
  solucaoId: string;
  etapas: number | null;
  responsaveis: Responsavel[] | null;
  patrocinado: boolean | null;
  janelaTardiaDias: number | null;
}

/** What a decision may ask of the portfolio. */
export interface Portfolio {
  solucao(id: string): Solucao | undefined;
  disponibilizacao(id: string): Disponibilizacao | undefined;
}
