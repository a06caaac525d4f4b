import type { Apuracoes } from '#domain/apuracao.ts';
import { decide } from '#domain/decidir.ts';
import type { Decisao, MotivoDaChave } from '#domain/decisao.ts';
import {
  decisaoSem,
  type Esquecimentos,
  interacaoSem,
  lancamentosSem,
  NINGUEM_FORA,
  type Origem,
  type Visto,
} from '#domain/esquecimento.ts';
import { clientePrincipal, type Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import { fits } from '#platform/kafka/index.ts';
import type { InputRecord, OutputRecord, TopicPartition } from '#platform/kafka/port.ts';
import { tentativaDe } from '#platform/quarentena/cabecalhos.ts';

export const STAGE = 'classifier';

/** What the step decides with and writes with. */
export interface Classifier {
  apuracoes: Apuracoes;
  esquecimentos: Esquecimentos;
  portfolio: Portfolio;
  interacoes: Codec<Interacao>;
  classificadas: ClassificadaEncoder;
  quarentenas: Codec<Quarentena>;
}

/**
 * What one record became, and which apuração decided: always one output record, and the entries of the ledger that
 * follow from it.
 */
export type Classified = { apuracao: number; record: InputRecord; source: string | null; output: OutputRecord } & (
  | { kind: 'classificada'; interacao: Interacao; visto: Visto; decisao: Decisao; lancamentos: Lancamento[] }
  | { kind: 'quarentena'; motivo: string }
);

/** A topic's limit holds for a batch as it came, packed: what a producer past the door packed may be any size. */
function outputOf(topic: string, { key, headers }: InputRecord, value: Buffer): OutputRecord | null {
  const whole = { topic, key, value, headers };
  if (fits(whole)) return whole;
  const bare = { topic, key: null, value };
  return fits(bare) ? bare : null;
}

/** Of what no topic takes, where it stands: `interacoes` and `presencas` keep it. */
function withoutBytes(
  quarentenas: Codec<Quarentena>,
  about: Omit<Quarentena, 'chave' | 'valor' | 'cabecalhos'>,
): OutputRecord {
  const where = `${about.topico}/${about.particao}/${about.posicao}`;
  const detalhe = `${about.detalhe} (grande demais para a quarentena: os bytes estão em ${where})`;
  const value = quarentenas.encode({ ...about, detalhe, chave: null, valor: null, cabecalhos: {} });
  return { topic: 'interacoes-em-quarentena', key: null, value };
}

/** A record read, or why it cannot be, and which apuração decides it. */
interface Read {
  record: InputRecord;
  interacao: Interacao | PoisonError;
  /** It names somebody by a key that is no more. */
  superada: boolean;
  /** As whose it is decided. */
  visto: Visto | null;
  apuracao: number;
}

function quarantine(
  { quarentenas, apuracoes }: Classifier,
  tp: TopicPartition,
  { record, interacao, apuracao }: Read,
  why: { motivo: string; detalhe: string; rulebook?: string },
): Classified {
  const { source = null, id = null } = interacao instanceof PoisonError ? {} : interacao;
  const about = {
    topico: tp.topic,
    particao: tp.partition,
    posicao: record.offset,
    recebidaEm: record.timestamp,
    estagio: STAGE,
    motivo: why.motivo,
    detalhe: why.detalhe,
    rulebook: why.rulebook ?? apuracoes.rulebooks(apuracao).em(record.timestamp).versao,
    tentativa: tentativaDe(record.headers),
    ...{ source, id, apuracao },
  };
  const [topic, bytes] = ['interacoes-em-quarentena', { chave: record.key, valor: record.value }];
  const output = outputOf(topic, record, quarentenas.encode({ ...about, ...bytes, cabecalhos: record.headers }));
  const { motivo } = why;
  return { kind: 'quarentena', apuracao, record, source, motivo, output: output ?? withoutBytes(quarentenas, about) };
}

function read(
  { interacoes, apuracoes, esquecimentos }: Classifier,
  tp: TopicPartition,
  record: InputRecord,
  imposta: number | null,
): Read {
  const { topic, partition } = tp;
  const origem: Origem = { topic, partition, offset: record.offset, derivadaPor: null, naLinha: null };
  try {
    const interacao = interacoes.decodeSync(record.value);
    const derivadaPor = apuracoes.derivadaPor(interacao.source);
    const apuracao = imposta ?? derivadaPor ?? apuracoes.doRegistro(origem, null);
    const superada = derivadaPor === null && esquecimentos.trocas.superada(origem, interacao);
    origem.derivadaPor = derivadaPor;
    if (imposta === null) origem.naLinha = apuracao;
    return { record, interacao, superada, visto: esquecimentos.ve(origem, interacao), apuracao };
  } catch (error) {
    if (error instanceof PoisonError) {
      return {
        record,
        interacao: error,
        superada: false,
        visto: null,
        apuracao: imposta ?? apuracoes.doRegistro(origem, null),
      };
    }
    throw error;
  }
}

const SUPERADA = {
  motivo: 'CHAVE_SUPERADA' satisfies MotivoDaChave,
  detalhe: 'veio de quem não soube da troca de CLIENT_ID_KEY; dê-lhe todas as chaves, e envie de novo',
};

/** null: there is nothing to decide about. */
function judge({ apuracoes, portfolio }: Classifier, { record, visto, apuracao }: Read): Decisao | null {
  if (visto === null) return null;
  const { interacao } = visto;
  const rulebook = apuracoes.rulebooks(apuracao).em(interacao.time);
  return decisaoSem(visto, decide({ interacao, rulebook, portfolio, registradaEm: record.timestamp }));
}

/** What BI is told, in the record's stead: its bytes as they came, unless it is told under other names than it came. */
function toTell(
  { interacoes, classificadas }: Classifier,
  record: InputRecord,
  interacao: Interacao,
  visto: Visto,
  decisao: Decisao,
  apuracao: number,
): [record: InputRecord, value: Buffer] {
  if (record.value === null) throw new Error('um registro lido tem valor');
  if (visto.interacao === interacao && visto.fora === NINGUEM_FORA) {
    return [record, classificadas.encode(record.value, interacao, decisao, apuracao)];
  }
  const told = interacaoSem(visto);
  const value = classificadas.encode(interacoes.encode(told), told, decisao, apuracao);
  const named = record.key !== null && record.key.toString() === clientePrincipal(interacao);
  const key = clientePrincipal(told) ?? `${told.source}+${told.id}`;
  return [named ? { ...record, key: Buffer.from(key) } : record, value];
}

function write(classifier: Classifier, tp: TopicPartition, read: Read, decisao: Decisao | null): Classified {
  const { record, interacao, visto, apuracao } = read;
  if (interacao instanceof PoisonError) {
    return quarantine(classifier, tp, read, { motivo: interacao.motivo, detalhe: interacao.message });
  }
  if (read.superada) return quarantine(classifier, tp, read, SUPERADA);
  if (decisao === null || visto === null || record.value === null)
    throw new Error('um registro lido tem valor e decisão');
  if (decisao.resultado === 'quarentena') {
    const { motivo, detalhe, rulebook } = decisao;
    return quarantine(classifier, tp, read, { motivo, detalhe: detalhe ?? '', rulebook });
  }
  const counts = decisao.resultado === 'contabiliza';
  const topic = counts ? 'interacoes-contabilizadas' : 'interacoes-nao-contabilizadas';
  const output = outputOf(topic, ...toTell(classifier, record, interacao, visto, decisao, apuracao));
  if (output === null) {
    const detalhe = `o registro tem ${record.value.length} bytes, mais do que um tópico aceita`;
    return quarantine(classifier, tp, read, { motivo: 'ESQUEMA_INVALIDO', detalhe });
  }
  const lancamentos = lancamentosSem(visto, decisao);
  const { source } = interacao;
  return { kind: 'classificada', apuracao, record, source, interacao, visto, decisao, output, lancamentos };
}

/**
 * Classifies records of `interacoes` or `presencas`: counting, not counting, or in quarantine with their bytes as they
 * came. One that cannot be read harms nobody but itself. Each step goes over all of them before the next one begins:
 * taken one by one through all steps they cost a fifth more, in code that the processor has to fetch again.
 * @param imposta the apuração that decides them all; null: as the apurações in force say
 */
export function classify(
  classifier: Classifier,
  { topic, partition, records }: TopicPartition & { records: readonly InputRecord[] },
  imposta: number | null = null,
): Classified[] {
  const tp = { topic, partition };
  const found = records.map((record) => read(classifier, tp, record, imposta));
  const decided = found.map((one) => judge(classifier, one));
  return found.map((one, n) => write(classifier, tp, one, decided[n] ?? null));
}
