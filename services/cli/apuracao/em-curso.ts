import type { Apuracao } from '#domain/apuracao.ts';
import type { Rulebook } from '#domain/rulebook.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { ApuracaoGravada } from '#platform/codec-types.ts';
import type { Geracoes } from '#platform/estado/geracoes.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import type { Postas } from '#platform/quarentena/postas.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import type {
  Etapa as EtapaDaReconstrucao,
  PartesDaReconstrucao,
  Reconstrucao,
} from '#platform/reconstrucao/reconstrucao.ts';
import type { Derivacao, PartesDaDerivacao } from './derivacao.ts';

export interface PartesDaAplicacao extends PartesDaReconstrucao {
  kafka: Kafka;
  admin: KafkaAdmin;
  seguidas: ApuracoesSeguidas;
  follower: PortfolioFollower;
  resolucoes: Resolucoes;
  classifier: PartesDaDerivacao['classifier'];
  gravadas: Codec<ApuracaoGravada>;
}

/** What is applied, by whom. */
export interface Pedido {
  /** Interactions that happened from here on (ms) are decided by it. */
  desde: number;
  rulebook: Rulebook;
  /** Its file as it was given. */
  yaml: string;
  por: string;
}

export type Etapa = EtapaDaReconstrucao | 'derivacao' | 'vigencia';

export interface OpcoesDaAplicacao {
  sinal?: AbortSignal;
  progresso?: (etapa: Etapa, feito: number, total: number | null) => void;
}

export interface Aplicacao {
  apuracao: number;
  versao: string;
  /** ISO 8601. */
  desde: string;
  por: string;
  /** Raw records decided anew, and those of which BI was told something else. */
  registros: number;
  mudados: number;
  /** How long nothing was decided, in milliseconds. */
  paradaMs: number;
  troca: Reconstrucao;
}

/** An application under way. */
export interface EmCurso {
  partes: PartesDaAplicacao;
  opcoes: OpcoesDaAplicacao;
  geracoes: Geracoes;
  confere: () => void;
  apuracao: Apuracao;
  postas: Postas;
  derivacao: Derivacao;
}
