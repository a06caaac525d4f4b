import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { promtool } from '../../infra/prometheus/programas.ts';
import type { GroupLag, PartitionLag } from '../lag/monitor.ts';
import { measureLag } from './atraso.ts';
import { measureHttp } from './http.ts';
import { measureProcess, measureReadiness } from './processo.ts';

const PLACE = { grupo: 'atendido-aggregator', topico: 'lancamentos' };
const KNOWN: PartitionLag = {
  ...PLACE,
  particao: 0,
  ...{ posicao: 40, confirmada: 38, fim: 100, state: 'ok', records: 60, seconds: 7.5 },
};
const UNKNOWN: PartitionLag = {
  ...PLACE,
  particao: 1,
  ...{ posicao: null, confirmada: null, fim: null, state: 'desconhecido', records: null, seconds: null },
};
const GROUP: GroupLag = { ...PLACE, state: 'desconhecido', records: null, seconds: null };

function everything() {
  const registry = new Registry();
  measureProcess('api', registry);
  let cause: string | null = null;
  measureReadiness(() => cause, registry);
  const anota = measureHttp(registry);
  anota({ metodo: 'GET', rota: '/v1/clientes/:cliente', status: 200, ms: 12 });
  let partitions = [KNOWN, UNKNOWN];
  measureLag({ partitions: () => partitions, groups: () => [GROUP] }, registry);
  const lines = async () => (await registry.metrics()).split('\n');
  return {
    registry,
    lines,
    waitFor: (what: string | null) => {
      cause = what;
    },
    see: (...seen: PartitionLag[]) => {
      partitions = seen;
    },
  };
}

describe('metrics', () => {
  it('are named as Prometheus asks: promtool finds nothing', async () => {
    expect(promtool(['check', 'metrics'], await everything().registry.metrics())).toEqual({ codigo: 0, saida: '' });
  });

  it('say how far behind under the names that dashboards know', async () => {
    const lines = await everything().lines();
    const place = 'consumergroup="atendido-aggregator",topic="lancamentos",partition="0"';
    expect(lines).toContain(`kafka_consumergroup_lag{${place}} 60`);
    expect(lines).toContain(`kafka_consumergroup_current_offset{${place}} 40`);
    expect(lines).toContain(`atendido_kafka_committed_offset{${place}} 38`);
    expect(lines).toContain('kafka_topic_partition_current_offset{topic="lancamentos",partition="0"} 100');
    expect(lines).toContain(
      'kafka_consumergroup_group_lag_seconds{group="atendido-aggregator",topic="lancamentos",partition="0"} 7.5',
    );
    expect(lines).toContain(`atendido_lag_state{${place},state="ok"} 1`);
    expect(lines).toContain(`atendido_lag_state{${place},state="parado"} 0`);
  });

  it('never give a number for what is unknown', async () => {
    const { lines, see } = everything();
    const ofUnknown = async () => (await lines()).filter((line) => line.includes('partition="1"'));
    const states = ['ok', 'atencao', 'parado', 'desconhecido'].map((state) => {
      const labels = `consumergroup="atendido-aggregator",topic="lancamentos",partition="1",state="${state}"`;
      return `atendido_lag_state{${labels}} ${state === 'desconhecido' ? 1 : 0}`;
    });
    expect(await ofUnknown()).toEqual(states);
    // Known a moment ago: the old number must not stay.
    see({ ...KNOWN, particao: 1 });
    expect(await ofUnknown()).toHaveLength(9);
    see(UNKNOWN);
    expect(await ofUnknown()).toEqual(states);
  });

  it('measure HTTP by the pattern of the route', async () => {
    const labels = 'method="GET",route="/v1/clientes/:cliente",status_code="200"';
    expect(await everything().lines()).toContain(`http_request_duration_seconds_count{${labels}} 1`);
  });

  it('tell readiness, process and Node', async () => {
    const { lines, waitFor } = everything();
    expect(await lines()).toContain('atendido_pronto 1');
    waitFor('redis: fora');
    const text = await lines();
    expect(text).toContain('atendido_pronto 0');
    for (const name of [
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(text.some((line) => line.startsWith(`# TYPE ${name} gauge`))).toBe(true);
    }
    expect(text.some((line) => line.startsWith('atendido_build_info{servico="api",'))).toBe(true);
  });
});
