export type Resultado = 'contabiliza' | 'nao-contabiliza' | 'quarentena';
export type Metrica =
  | 'atendimento'
  | 'informacao'
  | 'comercializacao'
  | 'campanha'
  | 'improcedente'
  | 'ausencia'
  | 'jornada';
export type Modalidade = 'presencial' | 'a-distancia';
export type Estrutura = 'individual' | 'coletiva' | 'automatizada';

/** Reasons a record waits in quarantine, in the order they are tested. */
export const MOTIVOS_QUARENTENA = [
  'ESQUEMA_INVALIDO',
  'DATA_NO_FUTURO',
  'TIPO_DESCONHECIDO',
  'CANAL_DESCONHECIDO',
  'CPF_INVALIDO',
  'CNPJ_INVALIDO',
  'SOLUCAO_DESCONHECIDA',
  'DISPONIBILIZACAO_DESCONHECIDA',
  'TIPO_DIVERGE_DO_PORTFOLIO',
  'INTERACAO_INCOMPATIVEL',
  'SOLUCAO_OBRIGATORIA',
  'DISPONIBILIZACAO_OBRIGATORIA',
  'CANAL_OBRIGATORIO',
  'MODALIDADE_INCOMPATIVEL',
  'PJ_OBRIGATORIA',
  'PJ_SEM_PF_VINCULADA',
  'SEM_RESPONSAVEL',
  'EXCLUSIVO_DO_SEBRAE_NACIONAL',
] as const;
export type MotivoQuarentena = (typeof MOTIVOS_QUARENTENA)[number];

/** Of those, the ones that a change of the portfolio may do away with. */
export const MOTIVOS_DO_PORTFOLIO: ReadonlySet<string> = new Set<MotivoQuarentena>([
  'SOLUCAO_DESCONHECIDA',
  'DISPONIBILIZACAO_DESCONHECIDA',
  'TIPO_DIVERGE_DO_PORTFOLIO',
  'SEM_RESPONSAVEL',
]);

/** Reasons an interaction does not count: the general rules, then those of the types. */
export const MOTIVOS_NAO_CONTABILIZA = [
  'CADASTRO_OU_LOGIN',
  'CAMPANHA_ATIVA',
  'EMAIL_MARKETING',
  'COMERCIALIZACAO',
  'AUSENCIA',
  'CONTATO_IMPROCEDENTE',
  'ABANDONO',
  'CHECK_IN_AGUARDA_CONSOLIDACAO',
  'DISPONIBILIZACAO_CONSOLIDADA',
  'ESTORNO',
  'INFORMACAO_NAO_CONTABILIZA',
  'CONTEUDO_DE_ATRACAO',
  'CONTEUDO_NAO_SOLICITADO',
  'MOMENTO_NAO_CONTABILIZA',
  'EVENTO_PATROCINADO',
  'NAO_EXPOSITOR',
  'SEM_COMPROVACAO_DE_PARTICIPACAO',
  'FREQUENCIA_ABAIXO_DA_MINIMA',
  'DURACAO_ABAIXO_DA_MINIMA',
  'CLIENTE_NAO_IDENTIFICADO',
] as const;
export type MotivoNaoContabiliza = (typeof MOTIVOS_NAO_CONTABILIZA)[number];

/** Whom it is about asked to be forgotten: no rule of the Diretrizes, and decided after them (esquecimento.ts). */
export const MOTIVOS_DO_TITULAR = ['TITULAR_ESQUECIDO'] as const;
export type MotivoDoTitular = (typeof MOTIVOS_DO_TITULAR)[number];

/** Reasons an interaction counts. */
export const MOTIVOS_CONTABILIZA = [
  'CONSOLIDACAO_DE_PARTICIPACAO',
  'MOMENTO_INICIO',
  'MOMENTO_CONTABILIZA',
  'INTERACAO_DE_ATENDIMENTO',
  'CONSOLIDACAO_DE_CONSULTORIA',
  'CONTEUDO_TECNICO',
  'CONTRATACAO',
] as const;
export type MotivoContabiliza = (typeof MOTIVOS_CONTABILIZA)[number];

/** Who sent it did not know of a change of CLIENT_ID_KEY (troca-de-chave.ts): set aside before any rule is asked. */
export const MOTIVOS_DA_CHAVE = ['CHAVE_SUPERADA'] as const;
export type MotivoDaChave = (typeof MOTIVOS_DA_CHAVE)[number];

export type Motivo = MotivoQuarentena | MotivoDaChave | MotivoNaoContabiliza | MotivoDoTitular | MotivoContabiliza;

/** What was decided of one interaction, and by which clause of which version. */
export interface Decisao {
  resultado: Resultado;
  /** null in quarantine. */
  metrica: Metrica | null;
  motivo: Motivo;
  /** The clause (`3.3`) or general rule (`RG-6`); null for ESTORNO, TITULAR_ESQUECIDO and in quarantine. */
  regra: string | null;
  /** The rulebook version that decided. */
  rulebook: string;
  modalidade: Modalidade | null;
  estrutura: Estrutura | null;
  propostaValor: string | null;
  /** Client ids the interaction is credited to; empty where it does not count, and for students not identified. */
  creditos: string[];
  /** The delivery's key, unique within a client; null where it does not count. */
  chave: string | null;
  /** For quarantine: what is wrong and the way out, in Portuguese. */
  detalhe: string | null;
}
