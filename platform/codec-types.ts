import { readFileSync } from 'node:fs';
import avro, { type Type } from 'avsc';
import type { Apuracao } from '#domain/apuracao.ts';
import type { Decisao } from '#domain/decisao.ts';
import type { Esquecimento } from '#domain/esquecimento.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import type { Disponibilizacao, Solucao } from '#domain/portfolio.ts';
import type { MudancaDeStatus } from '#domain/status.ts';
import { guardCollections } from './codec-guard.ts';
import { CodeType, readNullsAtOnce, writeShortStringsAtOnce } from './codec-shortcuts.ts';
import type { TOPICS, TopicName } from './topics.ts';

/** The decision as BI reads it: never of a record in quarantine. */
export interface DecisaoClassificada extends Omit<Decisao, 'resultado' | 'detalhe' | 'metrica'> {
  contabiliza: boolean;
  metrica: string;
  /** Which apuração decided: of a record decided by several, the newest in force holds. */
  apuracao: number;
}

export interface InteracaoClassificada {
  interacao: Interacao;
  decisao: DecisaoClassificada;
}

export interface LoteDeLancamentos {
  lancamentos: Lancamento[];
}

/** A record set aside, with where it came from. */
export interface Quarentena {
  chave: Buffer | null;
  /** The record's value, unchanged. */
  valor: Buffer | null;
  cabecalhos: Record<string, Buffer>;
  topico: string;
  particao: number;
  posicao: number;
  /** The broker's timestamp of the record, milliseconds since the epoch. */
  recebidaEm: number;
  /** The service that set it aside. */
  estagio: string;
  motivo: string;
  detalhe: string;
  rulebook: string;
  tentativa: number;
  source: string | null;
  id: string | null;
  /** Which one set it aside: what an older one than that in force did waits no more. */
  apuracao: number;
}

/** A corrected copy of a record in quarantine, kept until it is replayed. */
export interface Correcao {
  /** The topic the corrected interaction belongs to, which may be another than it came from. */
  topico: string;
  chave: string;
  /** An Interacao, as a producer would have sent it. */
  valor: Buffer;
  por: string;
  /** Milliseconds since the epoch. */
  em: number;
}

/** That a record in quarantine was put back into its topic. */
export interface Reenvio {
  por: string;
  /** Milliseconds since the epoch. */
  em: number;
  /** Which attempt the record put back is: that of the one in quarantine + 1. */
  tentativa: number;
  /** The run of the command or service that did it. */
  execucao: string;
}

/** What was done about one record in quarantine; solved once `reenvio` is there. */
export interface ResolucaoDeQuarentena {
  correcao: Correcao | null;
  reenvio: Reenvio | null;
}

/** An apuração as `apuracoes` has it. */
export interface ApuracaoGravada extends Omit<Apuracao, 'rulebook' | 'limites'> {
  versao: string;
  /** The YAML file as it was given. */
  rulebook: string;
  interacoes: readonly number[];
  presencas: readonly number[];
}

/** An order to forget a person as `esquecimentos` has it. */
export interface EsquecimentoGravado extends Omit<Esquecimento, 'limites'> {
  interacoes: readonly number[];
  presencas: readonly number[];
}

export interface ClienteAtendido extends MudancaDeStatus {
  /** Of `lancamentos`, and the offset up to which this holds. */
  particao: number;
  posicao: number;
}

/** What each .avsc file describes. */
export interface WireTypes {
  Interacao: Interacao;
  Solucao: Solucao;
  Disponibilizacao: Disponibilizacao;
  InteracaoClassificada: InteracaoClassificada;
  LoteDeLancamentos: LoteDeLancamentos;
  Quarentena: Quarentena;
  ResolucaoDeQuarentena: ResolucaoDeQuarentena;
  ClienteAtendido: ClienteAtendido;
  Apuracao: ApuracaoGravada;
  Esquecimento: EsquecimentoGravado;
}
export type SchemaName = keyof WireTypes;

/** The value of a topic's records. */
export type ValueOf<T extends TopicName> = WireTypes[(typeof TOPICS)[T]['schema']];

guardCollections();
writeShortStringsAtOnce();
readNullsAtOnce();

/** Fields of codes and the like: of few strings, which come again and again. */
const OF_CODES: ReadonlySet<string> = new Set([
  ...['source', 'tipoInteracao', 'unidade', 'tipoSolucao', 'solucaoId', 'disponibilizacaoId', 'canal', 'vinculo'],
  ...['perfil', 'intermediacao', 'momento', 'etapa', 'forma', 'papel', 'conteudoId', 'natureza', 'acao', 'causa'],
  ...['finalidade', 'instituicaoFinanceira', 'metrica', 'motivo', 'modalidade'],
]);
const CODE = new CodeType();

const asCode = (type: unknown): unknown => (type === 'string' ? CODE : type);

/** Of a schema as it is parsed, the fields of codes read as such. */
function withCodes(_key: string, value: { name?: string; type?: unknown } | null): unknown {
  if (!OF_CODES.has(value?.name ?? '')) return value;
  const type = value?.type;
  return { ...value, type: Array.isArray(type) ? type.map(asCode) : asCode(type) };
}

// avsc keeps the names it has met in the options it is given: each schema gets its own.
const options = () => ({ wrapUnions: 'never', omitRecordMethods: true }) as const;
const types = new Map<SchemaName, Type>();

function textOf(name: SchemaName): string {
  return readFileSync(new URL(`../schemas/${name}.avsc`, import.meta.url), 'utf8');
}

/** The schema as it stands in schemas/, which is what is registered. */
export function schemaOf(name: SchemaName): object {
  return JSON.parse(textOf(name));
}

export function typeOf(name: SchemaName): Type {
  let type = types.get(name);
  if (type === undefined) {
    type = avro.Type.forSchema(JSON.parse(textOf(name), withCodes), options());
    types.set(name, type);
  }
  return type;
}

/** A writer's schema under our options, so that a resolver can be made from it. */
export function withOurOptions(writer: Type): Type {
  return avro.Type.forSchema(writer.schema({ exportAttrs: true, noDeref: false } as object), options());
}
