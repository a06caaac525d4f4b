import type { TopicSpec } from './kafka/port.ts';

const DAY_MS = 86_400_000;
const FOREVER = { 'cleanup.policy': 'delete', 'retention.ms': '-1' };
/** What BI reads: more than a year, so that a year can be compared with the one before. */
const FOR_BI = { 'cleanup.policy': 'delete', 'retention.ms': String(400 * DAY_MS) };
const LATEST_BY_KEY = { 'cleanup.policy': 'compact' };

interface Topic {
  /** The .avsc file whose schema is registered as `<topic>-value`. */
  schema: string;
  /** `event`: as many as the configuration says. */
  partitions: 'event' | 1;
  retention: Record<string, string>;
  /** Largest record batch. What repeats a record whole, with more around it, must take more than where it came from. */
  maxBytes: number;
}

const INPUT_BYTES = 1_048_588;
const DERIVED_BYTES = 2 * 1_048_588;

/** The topics of the contract. */
export const TOPICS = {
  interacoes: { schema: 'Interacao', partitions: 'event', retention: FOREVER, maxBytes: INPUT_BYTES },
  presencas: { schema: 'Interacao', partitions: 'event', retention: FOREVER, maxBytes: INPUT_BYTES },
  solucoes: { schema: 'Solucao', partitions: 1, retention: LATEST_BY_KEY, maxBytes: INPUT_BYTES },
  disponibilizacoes: { schema: 'Disponibilizacao', partitions: 1, retention: LATEST_BY_KEY, maxBytes: INPUT_BYTES },
  'interacoes-contabilizadas': {
    schema: 'InteracaoClassificada',
    partitions: 'event',
    retention: FOR_BI,
    maxBytes: DERIVED_BYTES,
  },
  'interacoes-nao-contabilizadas': {
    schema: 'InteracaoClassificada',
    partitions: 'event',
    retention: FOR_BI,
    maxBytes: DERIVED_BYTES,
  },
  lancamentos: { schema: 'LoteDeLancamentos', partitions: 'event', retention: FOREVER, maxBytes: DERIVED_BYTES },
  'interacoes-em-quarentena': {
    schema: 'Quarentena',
    partitions: 'event',
    retention: FOREVER,
    maxBytes: DERIVED_BYTES,
  },
  'resolucoes-de-quarentena': {
    schema: 'ResolucaoDeQuarentena',
    partitions: 1,
    retention: LATEST_BY_KEY,
    maxBytes: DERIVED_BYTES,
  },
  apuracoes: { schema: 'Apuracao', partitions: 1, retention: LATEST_BY_KEY, maxBytes: INPUT_BYTES },
  esquecimentos: { schema: 'Esquecimento', partitions: 1, retention: LATEST_BY_KEY, maxBytes: INPUT_BYTES },
  'clientes-atendidos': {
    schema: 'ClienteAtendido',
    partitions: 'event',
    retention: LATEST_BY_KEY,
    maxBytes: INPUT_BYTES,
  },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof TOPICS;
export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[];

/** The registry's name for the value schema of a topic. */
export function subjectOf(topic: TopicName): string {
  return `${topic}-value`;
}

/** Who may call the HTTP API: our own table, in JSON, that no other system reads; hence outside the contract's topics. */
export const CREDENTIALS_TOPIC = 'credenciais';
/** Who did what, for ever: our own too, in JSON, so that a line can be written and read where the registry is away. */
export const ACTS_TOPIC = 'atos';
/**
 * Changes of CLIENT_ID_KEY, and who was known by then: our own. Each change is needed for ever, its filter too, and all
 * have one key: nothing is compacted.
 */
export const KEY_CHANGES_TOPIC = 'trocas-de-chave';

/** What to create, with `partitions` for each event topic. */
export function topicSpecs(partitions: number, replicationFactor: number): TopicSpec[] {
  const ours = { maxBytes: INPUT_BYTES, partitions: 1 as const };
  const all: [string, Omit<Topic, 'schema'>][] = [
    ...Object.entries(TOPICS),
    [CREDENTIALS_TOPIC, { ...ours, retention: LATEST_BY_KEY }],
    [ACTS_TOPIC, { ...ours, retention: FOREVER }],
    [KEY_CHANGES_TOPIC, { ...ours, retention: FOREVER }],
  ];
  return all.map(([topic, { retention, maxBytes, partitions: own }]) => {
    return {
      topic,
      partitions: own === 'event' ? partitions : own,
      replicationFactor,
      config: {
        ...retention,
        'max.message.bytes': String(maxBytes),
        'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
        // The rule of DATA_NO_FUTURO holds an interaction's time against the broker's clock, not its sender's.
        'message.timestamp.type': 'LogAppendTime',
        // As it came: every client of platform/kafka reads every codec, and the broker need not encode anew.
        'compression.type': 'producer',
      },
    };
  });
}
