import type { Apuracoes } from '#domain/apuracao.ts';
import type { Pseudonimizador } from '#domain/documento.ts';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import type { CredenciaisSeguidas } from '#platform/credenciais/tabela.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import type { Guarda } from '#platform/http/autenticacao.ts';
import { problema, SEM_DADOS } from '#platform/http/rotas-de-escrita.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import type { PartesDaQuarentena } from '#platform/quarentena/selecao.ts';
import type { DoEsquecimento } from './esquecimentos.ts';
import type { FontesDoPainel } from './painel/dados.ts';
import type { IndiceSeguido } from './painel/indice/segue.ts';

/** What the api needs of the servers, once they answered. */
export interface Dependencias extends DoEsquecimento {
  credenciais: Pick<CredenciaisSeguidas, 'tabela'>;
  leitor: Pick<LeitorDeEstado, 'deUmaGeracao'>;
  portfolio: Pick<PortfolioFollower, 'portfolio' | 'caughtUp'>;
  apuracoes: Pick<Apuracoes, 'rulebooks' | 'rulebooksEmVigor' | 'emVigor' | 'de' | 'derivadaPor'>;
  /** Names who is asked for. */
  pseudonimo: Pseudonimizador;
  /** Names who is told of, as the door does. Without it corrections wait. */
  registra?: Pseudonimizador;
  /** What the panel watches; without it, its live pages wait. */
  painel?: FontesDoPainel;
  /** Without it the quarantine waits. */
  quarentena?: PartesDaQuarentena & { indice: Pick<IndiceSeguido, 'emDia'> };
}

/** What the routes of the api are registered with. */
export interface Contexto {
  app: Servidor;
  exigeQuem: Guarda<Dependencias>;
  /** Milliseconds since the epoch. */
  agora: () => number;
}

export const CONSULTA: Papel[] = ['consulta'];
export const NUMEROS: Papel[] = ['consulta', 'bi'];
export const RECUSAS = { ...SEM_DADOS, 400: problema };
