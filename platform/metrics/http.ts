import { Histogram, type Registry } from 'prom-client';

/** The part of a request and its reply that is measured. */
export interface Medida {
  metodo: string;
  /** The route's pattern, never the address: what is in its place may be a CPF. */
  rota: string;
  status: number;
  ms: number;
}

/** @returns what to tell of each answer; the name and the labels are those that dashboards know. */
export function measureHttp(registry: Registry): (medida: Medida) => void {
  const duracao = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Tempo das requisições HTTP, por método, rota e status',
    labelNames: ['method', 'route', 'status_code'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return ({ metodo, rota, status, ms }) => {
    duracao.observe({ method: metodo, route: rota, status_code: String(status) }, ms / 1_000);
  };
}
