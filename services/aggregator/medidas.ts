import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the aggregator tells Prometheus. */
export interface Medidas {
  lancamentos: Counter;
  lotes: Counter;
  segundos: Histogram;
  posicao: Gauge<'particao'>;
  deslocadas: Counter;
  retrocessos: Counter;
  superada: Gauge;
  status: Counter;
}

export function criaMedidas(registry: Registry): Medidas {
  const registers = [registry];
  return {
    lancamentos: new Counter({
      name: 'atendido_aggregator_lancamentos_total',
      help: 'Lançamentos aplicados ao estado',
      registers,
    }),
    lotes: new Counter({ name: 'atendido_aggregator_lotes_total', help: 'Lotes aplicados ao estado', registers }),
    segundos: new Histogram({
      name: 'atendido_aggregator_commit_duration_seconds',
      help: 'Duração da gravação atômica de um trecho no Redis',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    posicao: new Gauge({
      name: 'atendido_aggregator_posicao',
      help: 'Próxima posição a aplicar, por partição de lancamentos',
      labelNames: ['particao'],
      registers,
    }),
    deslocadas: new Counter({
      name: 'atendido_aggregator_posicao_recusada_total',
      help: 'Vezes em que o Redis estava em outra posição: outra instância, ou um Redis restaurado',
      registers,
    }),
    retrocessos: new Counter({
      name: 'atendido_aggregator_retrocessos_total',
      help: 'Vezes em que um shard do Redis estava atrás de onde o deixamos: restaurado, ou esvaziado',
      registers,
    }),
    superada: new Gauge({
      name: 'atendido_aggregator_apuracao_superada',
      help: '1 se o estado no ar é de antes do rulebook em vigor: dura enquanto o novo é construído',
      registers,
    }),
    status: new Counter({
      name: 'atendido_aggregator_mudancas_de_status_total',
      help: 'Clientes que passaram a atendidos, ou deixaram de ser, em um ano',
      registers,
    }),
  };
}
