import { anoDe, inicioDoDia } from '#domain/tempo.ts';
import { REDECIDIDA } from '#platform/apuracoes.ts';
import type { ApuracaoGravada, ClienteAtendido, Quarentena, ValueOf } from '#platform/codec-types.ts';
import type { TopicName } from '#platform/topics.ts';
import { type Coluna, deFora, doCampo, type Lido, lugar } from './colunas.ts';
import { COLUNAS_DAS_INTERACOES } from './colunas-das-interacoes.ts';

/** From when on, and up to when (exclusive; null: without end): milliseconds since the epoch. */
export interface Periodo {
  de: number;
  ate: number | null;
}

export const dentro = (t: number, { de, ate }: Periodo): boolean => t >= de && (ate === null || t < ate);

/** A topic that is exported record by record, as it grows. */
export interface Tabela<N extends TopicName> {
  topico: N;
  colunas: readonly Coluna<ValueOf<N>>[];
  /** Whether a record falls in the period. */
  noPeriodo: (lido: Lido<ValueOf<N>>, periodo: Periodo) => boolean;
}

const tabela = <N extends TopicName>(t: Tabela<N>): Tabela<N> => t;

const COLUNAS_DO_STATUS: readonly Coluna<ClienteAtendido>[] = [
  doCampo('cliente', 'VARCHAR', 'cliente', (s) => s.cliente),
  doCampo('ano', 'INTEGER', 'ano', (s) => s.ano),
  doCampo('atendido', 'BOOLEAN', 'atendido', (s) => s.atendido),
  doCampo('atendimentos', 'INTEGER', 'atendimentos', (s) => s.atendimentos),
  doCampo('primeiro', 'TIMESTAMPTZ', 'primeiro', (s) => s.primeiro),
  doCampo('ultimo', 'TIMESTAMPTZ', 'ultimo', (s) => s.ultimo),
  doCampo('particao_do_lancamento', 'INTEGER', 'particao', (s) => s.particao),
  doCampo('posicao_do_lancamento', 'BIGINT', 'posicao', (s) => s.posicao),
  ...lugar<ClienteAtendido>(),
];

/** Without the record itself, which may hold anything: what is wrong with it may be a document out of place. */
const COLUNAS_DA_QUARENTENA: readonly Coluna<Quarentena>[] = [
  doCampo('source', 'VARCHAR', 'source', (q) => q.source),
  doCampo('id', 'VARCHAR', 'id', (q) => q.id),
  doCampo('motivo', 'VARCHAR', 'motivo', (q) => q.motivo),
  doCampo('estagio', 'VARCHAR', 'estagio', (q) => q.estagio),
  doCampo('rulebook', 'VARCHAR', 'rulebook', (q) => q.rulebook),
  doCampo('tentativa', 'INTEGER', 'tentativa', (q) => q.tentativa),
  doCampo('recebida_em', 'TIMESTAMPTZ', 'recebidaEm', (q) => q.recebidaEm),
  doCampo('topico_de_origem', 'VARCHAR', 'topico', (q) => q.topico),
  doCampo('particao_de_origem', 'INTEGER', 'particao', (q) => q.particao),
  doCampo('posicao_de_origem', 'BIGINT', 'posicao', (q) => q.posicao),
  doCampo('apuracao', 'INTEGER', 'apuracao', (q) => q.apuracao),
  deFora('redecidida', 'BOOLEAN', ({ registro }) => registro.headers[REDECIDIDA] !== undefined),
  ...lugar<Quarentena>(),
];

/** What the rules of an apuração are stays in its topic: here only which there are. */
export const COLUNAS_DAS_APURACOES: readonly Coluna<ApuracaoGravada>[] = [
  doCampo('numero', 'INTEGER', 'numero', (a) => a.numero),
  doCampo('base', 'INTEGER', 'base', (a) => a.base),
  doCampo('estado', 'VARCHAR', 'estado', (a) => a.estado),
  doCampo('por', 'VARCHAR', 'por', (a) => a.por),
  doCampo('em', 'TIMESTAMPTZ', 'em', (a) => a.em),
  doCampo('desde', 'TIMESTAMPTZ', 'desde', (a) => a.desde),
  doCampo('versao', 'VARCHAR', 'versao', (a) => a.versao),
];

/** A year that a part of the period falls in. */
function anoNoPeriodo({ ano }: Pick<ClienteAtendido, 'ano'>, { de, ate }: Periodo): boolean {
  return ano >= Number(anoDe(de)) && (ate === null || inicioDoDia(`${ano}-01-01`) < ate);
}

/** What is exported, in the order it is read: what a decision supersedes comes after the decision that does. */
export const TABELAS = [
  tabela({
    topico: 'interacoes-contabilizadas',
    colunas: COLUNAS_DAS_INTERACOES,
    noPeriodo: ({ valor }, periodo) => dentro(valor.interacao.time, periodo),
  }),
  tabela({
    topico: 'interacoes-nao-contabilizadas',
    colunas: COLUNAS_DAS_INTERACOES,
    // An estorno takes back what happened before it: the period's own may be taken back after its end.
    noPeriodo: ({ valor: { interacao } }, periodo) =>
      interacao.tipoInteracao === 'estorno' || dentro(interacao.time, periodo),
  }),
  // When it happened is in the record, which may be unreadable: all of it, and few bytes each.
  tabela({ topico: 'interacoes-em-quarentena', colunas: COLUNAS_DA_QUARENTENA, noPeriodo: () => true }),
  tabela({
    topico: 'clientes-atendidos',
    colunas: COLUNAS_DO_STATUS,
    noPeriodo: ({ valor }, periodo) => anoNoPeriodo(valor, periodo),
  }),
] as const;

export type TopicoExportado = (typeof TABELAS)[number]['topico'];
