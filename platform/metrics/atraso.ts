import { Gauge, type Registry } from 'prom-client';
import type { LagState } from '../lag/lag.ts';
import type { LagMonitor, PartitionLag } from '../lag/monitor.ts';

const STATES: readonly LagState[] = ['ok', 'atencao', 'parado', 'desconhecido'];
const BY_PARTITION = ['consumergroup', 'topic', 'partition'] as const;
const GROUP_STATE = ['consumergroup', 'topic', 'state'] as const;
const DESCONHECIDO = 'sem valor enquanto não se sabe';

type Labels = Record<string, string>;

function labelsOf({ grupo, topico, particao }: PartitionLag): Labels {
  return { consumergroup: grupo, topic: topico, partition: String(particao) };
}

type Monitor = Pick<LagMonitor, 'partitions' | 'groups'>;

/** A gauge that is filled anew at each scrape. */
function scraped(registry: Registry, name: string, help: string, labelNames: readonly string[]) {
  return (fill: (gauge: Gauge) => void): void => {
    new Gauge({
      ...{ name, help, labelNames: [...labelNames], registers: [registry] },
      collect() {
        this.reset();
        fill(this);
      },
    });
  };
}

interface PartitionGauge {
  name: string;
  help: string;
  /** null where it is not known. */
  value: (lag: PartitionLag) => number | null;
  /** By default those of BY_PARTITION. */
  labelNames?: readonly string[];
  labels?: (lag: PartitionLag) => Labels;
}

const OF_PARTITIONS: readonly PartitionGauge[] = [
  {
    name: 'kafka_consumergroup_lag',
    help: `Registros que o grupo ainda não leu da partição; ${DESCONHECIDO}`,
    value: ({ records }) => records,
  },
  {
    name: 'kafka_consumergroup_group_lag_seconds',
    help: `Idade do primeiro registro que o grupo não leu; ${DESCONHECIDO}`,
    value: ({ seconds }) => seconds,
    labelNames: ['group', 'topic', 'partition'],
    labels: ({ grupo, topico, particao }) => ({ group: grupo, topic: topico, partition: String(particao) }),
  },
  {
    name: 'kafka_consumergroup_current_offset',
    help: 'A próxima posição que o grupo lê; do aggregator, a do Redis',
    value: ({ posicao }) => posicao,
  },
  {
    name: 'atendido_kafka_committed_offset',
    help: 'A posição que o grupo confirmou ao Kafka; do aggregator, só para quem olha',
    value: ({ confirmada }) => confirmada,
  },
  {
    name: 'kafka_topic_partition_current_offset',
    help: 'O fim da partição para quem lê só o confirmado',
    value: ({ fim }) => fim,
    labelNames: ['topic', 'partition'],
    labels: ({ topico, particao }) => ({ topic: topico, partition: String(particao) }),
  },
];

function measurePartitions(monitor: Monitor, registry: Registry): void {
  for (const { name, help, value, labelNames = BY_PARTITION, labels = labelsOf } of OF_PARTITIONS) {
    scraped(
      registry,
      name,
      help,
      labelNames,
    )((gauge) => {
      for (const lag of monitor.partitions()) {
        const n = value(lag);
        if (n !== null) gauge.set(labels(lag), n);
      }
    });
  }
}

function setState(gauge: Gauge, labels: Labels, now: LagState): void {
  for (const state of STATES) gauge.set({ ...labels, state }, state === now ? 1 : 0);
}

function measureStates(monitor: Monitor, registry: Registry): void {
  const help = `(${STATES.join(', ')}), 0 nos outros`;
  scraped(registry, 'atendido_lag_state', `1 no estado da partição ${help}`, [...BY_PARTITION, 'state'])((gauge) => {
    for (const lag of monitor.partitions()) setState(gauge, labelsOf(lag), lag.state);
  });
  scraped(
    registry,
    'atendido_lag_group_state',
    `1 no pior estado do grupo no tópico ${help}`,
    GROUP_STATE,
  )((gauge) => {
    for (const { grupo, topico, state } of monitor.groups()) {
      setState(gauge, { consumergroup: grupo, topic: topico }, state);
    }
  });
}

/**
 * The lag of the whole line under the names people know, as the monitor has it at each scrape. What is not known is left
 * out, for any number would be taken for one: the states say that it is unknown.
 */
export function measureLag(monitor: Monitor, registry: Registry): void {
  measurePartitions(monitor, registry);
  measureStates(monitor, registry);
}
