import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT_ROOT } from '#platform/config.ts';

const PASTA = join(PROJECT_ROOT, 'infra/grafana/dashboards');

const fonte = z.object({ type: z.literal('prometheus'), uid: z.string() });
const painel = z.object({
  id: z.number(),
  title: z.string().min(1),
  datasource: fonte,
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ refId: z.string(), datasource: fonte, expr: z.string().min(1) })).min(1),
});
const dashboard = z.object({
  uid: z.string().regex(/^atendido-[a-z]+$/),
  title: z.string().min(1),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string(), query: z.unknown() })) }),
  panels: z.array(painel).min(1),
});
export type Dashboard = z.infer<typeof dashboard>;

/** The dashboards, by file. */
export function dashboards(): Map<string, Dashboard> {
  const arquivos = readdirSync(PASTA).filter((nome) => nome.endsWith('.json'));
  return new Map(arquivos.map((nome) => [nome, dashboard.parse(JSON.parse(readFileSync(join(PASTA, nome), 'utf8')))]));
}

/** What dashboards ask of Prometheus, with Grafana's variables filled in. */
export function consultas(): { onde: string; expr: string }[] {
  return [...dashboards()].flatMap(([arquivo, { panels }]) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => {
        const preenchida = expr.replaceAll('$__rate_interval', '1m').replaceAll('$service', '.+');
        return { onde: `${arquivo}: ${title}`, expr: preenchida };
      }),
    ),
  );
}
