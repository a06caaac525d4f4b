import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { PROJECT_ROOT } from '../config-home.ts';

/** Gauges that end in `_total`, which Prometheus keeps for counters; their parts come as well, under right names. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** What every process tells: the `process_` and `nodejs_` standards, and which service of which version it is. */
export function measureProcess(servico: string, registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const { version } = JSON.parse(readFileSync(`${PROJECT_ROOT}/package.json`, 'utf8')) as { version: string };
  const info = new Gauge({
    name: 'atendido_build_info',
    help: 'Sempre 1: serviço, versão e Node do processo',
    labelNames: ['servico', 'versao', 'node'],
    registers: [registry],
  });
  info.set({ servico, versao: version, node: process.version }, 1);
}

/** Readiness as a number, asked for at every scrape. */
export function measureReadiness(cause: () => string | null, registry: Registry): void {
  new Gauge({
    name: 'atendido_pronto',
    help: '1 se o serviço está pronto; 0 enquanto espera por algo (/saude/pronto diz o quê)',
    registers: [registry],
    collect() {
      this.set(cause() === null ? 1 : 0);
    },
  });
}
