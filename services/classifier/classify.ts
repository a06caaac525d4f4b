import { decide } from '#domain/decidir.ts';
import type { Decisao } from '#domain/decisao.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { lancamentosDe } from '#domain/lancar.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import type { InputRecord, OutputRecord, TopicPartition } from '#platform/kafka/port.ts';

export const STAGE = 'classifier';

/** What the step decides with and writes with. */
export interface Classifier {
  rulebooks: Rulebooks;
  portfolio: Portfolio;
  interacoes: Codec<Interacao>;
  classificadas: ClassificadaEncoder;
  quarentenas: Codec<Quarentena>;
}

/** What one record became: always one output record, and the entries of the ledger that follow from it. */
export type Classified =
  | { kind: 'classificada'; decisao: Decisao; output: OutputRecord; lancamentos: Lancamento[] }
  | { kind: 'quarentena'; motivo: string; output: OutputRecord };

function outputOf(topic: string, record: InputRecord, value: Buffer): OutputRecord {
  return { topic, key: record.key, value, headers: { ...record.headers } };
}

function quarantine(
  { quarentenas, rulebooks }: Classifier,
  tp: TopicPartition,
  record: InputRecord,
  why: { motivo: string; detalhe: string; rulebook?: string },
  interacao: Interacao | null,
): Classified {
  const value = quarentenas.encode({
    chave: record.key,
    valor: record.value,
    cabecalhos: record.headers,
    topico: tp.topic,
    particao: tp.partition,
    posicao: record.offset,
    recebidaEm: record.timestamp,
    estagio: STAGE,
    motivo: why.motivo,
    detalhe: why.detalhe,
    rulebook: why.rulebook ?? rulebooks.em(record.timestamp).versao,
    tentativa: 1,
    source: interacao?.source ?? null,
    id: interacao?.id ?? null,
  });
  return { kind: 'quarentena', motivo: why.motivo, output: outputOf('interacoes-em-quarentena', record, value) };
}

function read({ interacoes }: Classifier, record: InputRecord): Interacao | PoisonError {
  try {
    return interacoes.decodeSync(record.value);
  } catch (error) {
    if (error instanceof PoisonError) return error;
    throw error;
  }
}

/**
 * Classifies one record of `interacoes` or `presencas`: counting, not counting, or in quarantine with its bytes as they
 * came. A record that cannot be read harms nobody but itself.
 */
export function classify(classifier: Classifier, tp: TopicPartition, record: InputRecord): Classified {
  const interacao = read(classifier, record);
  if (interacao instanceof PoisonError) {
    return quarantine(classifier, tp, record, { motivo: interacao.motivo, detalhe: interacao.message }, null);
  }
  const { rulebooks, portfolio, classificadas } = classifier;
  const rulebook = rulebooks.em(interacao.time);
  const decisao = decide({ interacao, rulebook, portfolio, registradaEm: record.timestamp });
  if (decisao.resultado === 'quarentena' || record.value === null) {
    const { motivo, detalhe } = decisao;
    const why = { motivo, detalhe: detalhe ?? '', rulebook: decisao.rulebook };
    return quarantine(classifier, tp, record, why, interacao);
  }
  const counts = decisao.resultado === 'contabiliza';
  const topic = counts ? 'interacoes-contabilizadas' : 'interacoes-nao-contabilizadas';
  const output = outputOf(topic, record, classificadas.encode(record.value, interacao, decisao));
  return { kind: 'classificada', decisao, output, lancamentos: lancamentosDe(interacao, decisao) };
}
