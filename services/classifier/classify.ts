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
import { fits } from '#platform/kafka/index.ts';
import type { InputRecord, OutputRecord, TopicPartition } from '#platform/kafka/port.ts';
import { tentativaDe } from '#platform/quarentena/cabecalhos.ts';

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

function quarantine(
  { quarentenas, rulebooks }: Classifier,
  tp: TopicPartition,
  record: InputRecord,
  why: { motivo: string; detalhe: string; rulebook?: string },
  interacao: Interacao | null,
): Classified {
  const about = {
    topico: tp.topic,
    particao: tp.partition,
    posicao: record.offset,
    recebidaEm: record.timestamp,
    estagio: STAGE,
    motivo: why.motivo,
    detalhe: why.detalhe,
    rulebook: why.rulebook ?? rulebooks.em(record.timestamp).versao,
    tentativa: tentativaDe(record.headers),
    source: interacao?.source ?? null,
    id: interacao?.id ?? null,
  };
  const [topic, bytes] = ['interacoes-em-quarentena', { chave: record.key, valor: record.value }];
  const output = outputOf(topic, record, quarentenas.encode({ ...about, ...bytes, cabecalhos: record.headers }));
  return { kind: 'quarentena', motivo: why.motivo, output: output ?? withoutBytes(quarentenas, about) };
}

/** A record read, or why it cannot be. */
interface Read {
  record: InputRecord;
  interacao: Interacao | PoisonError;
}

function read({ interacoes }: Classifier, record: InputRecord): Read {
  try {
    return { record, interacao: interacoes.decodeSync(record.value) };
  } catch (error) {
    if (error instanceof PoisonError) return { record, interacao: error };
    throw error;
  }
}

/** null: there is nothing to decide about. */
function judge({ rulebooks, portfolio }: Classifier, { record, interacao }: Read): Decisao | null {
  if (interacao instanceof PoisonError) return null;
  const rulebook = rulebooks.em(interacao.time);
  return decide({ interacao, rulebook, portfolio, registradaEm: record.timestamp });
}

function write(
  classifier: Classifier,
  tp: TopicPartition,
  { record, interacao }: Read,
  decisao: Decisao | null,
): Classified {
  if (interacao instanceof PoisonError) {
    return quarantine(classifier, tp, record, { motivo: interacao.motivo, detalhe: interacao.message }, null);
  }
  if (decisao === null || record.value === null) throw new Error('um registro lido tem valor e decisão');
  if (decisao.resultado === 'quarentena') {
    const { motivo, detalhe, rulebook } = decisao;
    return quarantine(classifier, tp, record, { motivo, detalhe: detalhe ?? '', rulebook }, interacao);
  }
  const counts = decisao.resultado === 'contabiliza';
  const topic = counts ? 'interacoes-contabilizadas' : 'interacoes-nao-contabilizadas';
  const output = outputOf(topic, record, classifier.classificadas.encode(record.value, interacao, decisao));
  if (output === null) {
    const detalhe = `o registro tem ${record.value.length} bytes, mais do que um tópico aceita`;
    return quarantine(classifier, tp, record, { motivo: 'ESQUEMA_INVALIDO', detalhe }, interacao);
  }
  return { kind: 'classificada', decisao, output, lancamentos: lancamentosDe(interacao, decisao) };
}

/**
 * Classifies records of `interacoes` or `presencas`: counting, not counting, or in quarantine with their bytes as they
 * came. One that cannot be read harms nobody but itself. Each step goes over all of them before the next one begins:
 * taken one by one through all steps they cost a fifth more, in code that the processor has to fetch again.
 */
export function classify(
  classifier: Classifier,
  batch: TopicPartition & { records: readonly InputRecord[] },
): Classified[] {
  const found = batch.records.map((record) => read(classifier, record));
  const decided = found.map((one) => judge(classifier, one));
  return found.map((one, n) => write(classifier, batch, one, decided[n] ?? null));
}
