import { ACTS_TOPIC, CREDENTIALS_TOPIC, KEY_CHANGES_TOPIC, TOPIC_NAMES, type TopicName } from '#platform/topics.ts';

export type AnyTopic = TopicName | typeof CREDENTIALS_TOPIC | typeof ACTS_TOPIC | typeof KEY_CHANGES_TOPIC;
export const ALL_TOPICS: readonly AnyTopic[] = [...TOPIC_NAMES, CREDENTIALS_TOPIC, ACTS_TOPIC, KEY_CHANGES_TOPIC];

/** What one user of Kafka may do; all that is not here is refused. */
export interface Rights {
  /** What the user is for, in the table of docs/brokers.md. */
  para: string;
  reads: readonly AnyTopic[];
  writes: readonly AnyTopic[];
  /** Groups it is a member of; `x-*`: all that begin so. */
  groups?: readonly string[];
  /** Groups whose offsets it looks at. */
  looksAt?: readonly string[];
  /** Transactional ids it writes under; `x-*`: all that begin so. */
  transactions?: readonly string[];
  /** Creates topics, and nothing in them. */
  creates?: boolean;
  /** Changes the settings of the topics it writes. */
  configures?: boolean;
}

/** By what rulebooks, and as whom, it is decided: rulebooks applied, who is to be forgotten, changes of CLIENT_ID_KEY. */
const IN_FORCE = ['apuracoes', 'esquecimentos', KEY_CHANGES_TOPIC] as const;
const PORTFOLIO = ['solucoes', 'disponibilizacoes'] as const;
const INPUT = ['interacoes', 'presencas'] as const;
const QUARANTINE = ['interacoes-em-quarentena', 'resolucoes-de-quarentena'] as const;
const COUNTED = ['interacoes-contabilizadas', 'interacoes-nao-contabilizadas'] as const;
/** What a line knows, and its own services do not make anew: infra/kafka/copy/line.ts. */
const COPIED: readonly AnyTopic[] = [
  ...INPUT,
  'interacoes-em-quarentena',
  'resolucoes-de-quarentena',
  ...IN_FORCE,
  ...PORTFOLIO,
  CREDENTIALS_TOPIC,
  ...COUNTED,
  'lancamentos',
];
const LINE = ['atendido-classifier', 'atendido-consolidator', 'atendido-aggregator'] as const;
/** Whoever resolves quarantine, or changes what is in force, writes under this name: platform/quarentena/reenvio.ts. */
const RESOLVING = 'atendido-quarentena';

/**
 * Who may do what in Kafka, by user: the one table that `infra/kafka/apply-acls.ts` applies, docs/brokers.md shows and
 * test/brokers tries cell by cell.
 */
export const RIGHTS = {
  preparacao: {
    para: 'cria os tópicos',
    ...{ reads: [], writes: [] },
    looksAt: ['atendido-preparacao'],
    creates: true,
  },
  ingest: {
    para: 'a porta: interações, portfólio, chaves',
    reads: [CREDENTIALS_TOPIC, KEY_CHANGES_TOPIC],
    writes: [...INPUT, ...PORTFOLIO, CREDENTIALS_TOPIC, ACTS_TOPIC],
    transactions: ['atendido-credenciais'],
  },
  classifier: {
    para: 'decide; devolve da quarentena o que só esperava o portfólio',
    reads: [...INPUT, ...PORTFOLIO, ...IN_FORCE, ...QUARANTINE],
    writes: [...COUNTED, ...QUARANTINE, 'lancamentos', ...INPUT, ...IN_FORCE, ACTS_TOPIC],
    groups: ['atendido-classifier'],
    transactions: ['atendido-classifier-*', RESOLVING],
  },
  consolidator: {
    para: 'presenças → participações',
    reads: ['presencas', ...PORTFOLIO, ...IN_FORCE, ...QUARANTINE],
    writes: ['interacoes'],
    groups: ['atendido-consolidator'],
  },
  aggregator: {
    para: 'conta; termina reconstruções e esquecimentos que ficaram no meio',
    reads: ['lancamentos', ...INPUT, ...IN_FORCE, 'resolucoes-de-quarentena'],
    writes: ['clientes-atendidos', 'lancamentos', ...IN_FORCE, ACTS_TOPIC],
    groups: ['atendido-aggregator'],
    looksAt: LINE,
    transactions: ['atendido-aggregator-*', RESOLVING],
  },
  api: {
    para: 'responde; do painel: devolver da quarentena, esquecer',
    reads: [
      ...INPUT,
      ...PORTFOLIO,
      ...IN_FORCE,
      ...QUARANTINE,
      ...COUNTED,
      'lancamentos',
      CREDENTIALS_TOPIC,
      ACTS_TOPIC,
    ],
    writes: [...INPUT, 'resolucoes-de-quarentena', ...IN_FORCE, ACTS_TOPIC],
    looksAt: LINE,
    transactions: [RESOLVING],
  },
  operacao: {
    para: 'os comandos de `atendido`, menos as chaves, que são pela porta',
    reads: ALL_TOPICS.filter((topic) => topic !== CREDENTIALS_TOPIC),
    writes: ALL_TOPICS.filter(
      (topic) => topic !== CREDENTIALS_TOPIC && !(PORTFOLIO as readonly string[]).includes(topic),
    ),
    looksAt: LINE,
    transactions: [RESOLVING, 'atendido-reprocess'],
  },
  bi: {
    para: 'lê o que é para o BI, em grupos seus',
    reads: [...COUNTED, 'clientes-atendidos', 'apuracoes'],
    writes: [],
    groups: ['bi-*'],
  },
  produtor: {
    para: 'um sistema que envia direto ao Kafka, pela biblioteca',
    reads: [KEY_CHANGES_TOPIC],
    writes: INPUT,
  },
  copia: {
    para: 'copia a linha para outra, de mais partições; só enquanto isso',
    reads: [...COPIED, 'clientes-atendidos'],
    writes: COPIED,
    groups: ['atendido-classifier'],
    configures: true,
  },
} as const satisfies Record<string, Rights>;

export type KafkaUser = keyof typeof RIGHTS;
export const KAFKA_USERS = Object.keys(RIGHTS) as KafkaUser[];

export const rightsOf = (user: KafkaUser): Rights => RIGHTS[user];

export type Operation = 'READ' | 'WRITE' | 'CREATE' | 'DESCRIBE' | 'ALTER_CONFIGS';
export type Resource = 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID';

/** One thing that is allowed, as Kafka keeps it. */
export interface Allowed {
  user: KafkaUser;
  resource: Resource;
  name: string;
  prefix: boolean;
  operation: Operation;
}

function allowedTo(user: KafkaUser): Allowed[] {
  const { reads, writes, groups = [], looksAt = [], transactions = [] } = rightsOf(user);
  const { creates = false, configures = false } = rightsOf(user);
  const on = (resource: Resource, names: readonly string[], operation: Operation): Allowed[] =>
    names.map((pattern) => {
      const prefix = pattern.endsWith('*');
      return { user, resource, name: prefix ? pattern.slice(0, -1) : pattern, prefix, operation };
    });
  return [
    ...on('TOPIC', reads, 'READ'),
    ...on('TOPIC', writes, 'WRITE'),
    ...on('TOPIC', creates ? ALL_TOPICS : [], 'CREATE'),
    // Whether they are there, and where they end: what waits for the line asks.
    ...on('TOPIC', creates || looksAt.length > 0 ? ALL_TOPICS : [], 'DESCRIBE'),
    ...on('TOPIC', configures ? writes : [], 'ALTER_CONFIGS'),
    ...on('GROUP', groups, 'READ'),
    ...on('GROUP', looksAt, 'DESCRIBE'),
    ...on('TRANSACTIONAL_ID', transactions, 'WRITE'),
  ];
}

/** All that the table allows. */
export function allAllowed(): Allowed[] {
  return KAFKA_USERS.flatMap(allowedTo);
}
