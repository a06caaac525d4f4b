import { Gauge, type Registry } from 'prom-client';
import type { LagState } from '../lag/lag.ts';
import type { LagMonitor, PartitionLag } from '../lag/monitor.ts';

const STATES: readonly LagState[] = ['ok', 'atencao', 'parado', 'desconhecido'];
const BY_PARTITION = ['consumergroup', 'topic', 'partition'] as const;
const DESCONHECIDO = 'sem valor enquanto não se sabe';

type Labels = Record<string, string>;

function labelsOf({ grupo, topico, particao }: PartitionLag): Labels {
  return { consumergroup: grupo, topic: topico, partition: String(particao) };
}

/**
 * The lag of the whole line under the names people know, as the monitor has it at each scrape. What is not known is left
 * out, for any number would be taken for one: the states say that it is unknown.
 */
export function measureLag(monitor: Pick<LagMonitor, 'partitions' | 'groups'>, registry: Registry): void {
  const gauge = (name: string, help: string, labelNames: readonly string[], fill: (gauge: Gauge) => void): void => {
    new Gauge({
      ...{ name, help, labelNames: [...labelNames], registers: [registry] },
      collect() {
        this.reset();
        fill(this);
      },
    });
  };
  const ofPartitions = (
    [name, help]: [string, string],
    value: (lag: PartitionLag) => number | null,
    labelNames: readonly string[] = BY_PARTITION,
    labels = labelsOf,
  ): void =>
    gauge(name, help, labelNames, (metric) => {
      for (const lag of monitor.partitions()) {
        const n = value(lag);
        if (n !== null) metric.set(labels(lag), n);
      }
    });

  ofPartitions(
    ['kafka_consumergroup_lag', `Registros que o grupo ainda não leu da partição; ${DESCONHECIDO}`],
    ({ records }) => records,
  );
  ofPartitions(
    ['kafka_consumergroup_group_lag_seconds', `Idade do primeiro registro que o grupo não leu; ${DESCONHECIDO}`],
    ({ seconds }) => seconds,
    ['group', 'topic', 'partition'],
    ({ grupo, topico, particao }) => ({ group: grupo, topic: topico, partition: String(particao) }),
  );
  ofPartitions(
    ['kafka_consumergroup_current_offset', 'A próxima posição que o grupo lê; do aggregator, a do Redis'],
    ({ posicao }) => posicao,
  );
  ofPartitions(
    ['atendido_kafka_committed_offset', 'A posição que o grupo confirmou ao Kafka; do aggregator, só para quem olha'],
    ({ confirmada }) => confirmada,
  );
  ofPartitions(
    ['kafka_topic_partition_current_offset', 'O fim da partição para quem lê só o confirmado'],
    ({ fim }) => fim,
    ['topic', 'partition'],
    ({ topico, particao }) => ({ topic: topico, partition: String(particao) }),
  );
  const states = 'ok, atencao, parado, desconhecido';
  gauge(
    'atendido_lag_state',
    `1 no estado da partição (${states}), 0 nos outros`,
    [...BY_PARTITION, 'state'],
    (metric) => {
      for (const lag of monitor.partitions()) {
        for (const state of STATES) metric.set({ ...labelsOf(lag), state }, lag.state === state ? 1 : 0);
      }
    },
  );
  const ofGroup = ['consumergroup', 'topic', 'state'];
  gauge(
    'atendido_lag_group_state',
    `1 no pior estado do grupo no tópico (${states}), 0 nos outros`,
    ofGroup,
    (metric) => {
      for (const { grupo, topico, state: now } of monitor.groups()) {
        for (const state of STATES) metric.set({ consumergroup: grupo, topic: topico, state }, now === state ? 1 : 0);
      }
    },
  );
}
