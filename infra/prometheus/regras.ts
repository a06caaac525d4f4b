import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROJECT_ROOT } from '#platform/config.ts';

export const PASTA = join(PROJECT_ROOT, 'infra/prometheus');

const alerta = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.object({ severity: z.enum(['critica', 'aviso']) }),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
export type Alerta = z.infer<typeof alerta>;

const gravacao = z.object({ record: z.string(), expr: z.string() });
const arquivo = <T extends z.ZodType>(regra: T) =>
  z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(regra) })) });

const le = (nome: string): unknown => parse(readFileSync(join(PASTA, nome), 'utf8'));

/** What every runbook_url begins with: one setting of Prometheus, else the path in this repository. */
export const RUNBOOKS = '{{ with $externalLabels.runbooks }}{{ . }}{{ else }}docs/runbooks{{ end }}';

/** The alert rules, as written. */
export function alertas(): Alerta[] {
  return arquivo(alerta)
    .parse(le('rules/alerts.yml'))
    .groups.flatMap(({ rules }) => rules);
}

/** The recording rules, as written. */
export function gravacoes(): z.infer<typeof gravacao>[] {
  return arquivo(gravacao)
    .parse(le('rules/recording.yml'))
    .groups.flatMap(({ rules }) => rules);
}

const teste = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })).default([]),
    }),
  ),
});

/** What the unit tests of the rules ask of each alert: how often that it fires, and how often that it does not. */
export function testados(): Map<string, { dispara: number; cala: number }> {
  const vistos = new Map<string, { dispara: number; cala: number }>();
  const casos = teste.parse(le('alerts.test.yml')).tests.flatMap((t) => t.alert_rule_test);
  for (const { alertname, exp_alerts: esperados } of casos) {
    const { dispara, cala } = vistos.get(alertname) ?? { dispara: 0, cala: 0 };
    const sim = esperados.length > 0;
    vistos.set(alertname, { dispara: dispara + (sim ? 1 : 0), cala: cala + (sim ? 0 : 1) });
  }
  return vistos;
}

/** Names in PromQL that are not metrics: what groups and joins go by. */
const COM_LABELS = /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;
const PALAVRAS = new Set(['group_left', 'group_right', 'and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan', 'le']);

/** The metrics an expression asks for. */
export function metricasDe(expr: string): Set<string> {
  const limpa = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(COM_LABELS, '');
  const nomes = limpa.match(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g) ?? [];
  return new Set(nomes.filter((nome) => !PALAVRAS.has(nome.toLowerCase()) && /[_:]|^up$/.test(nome)));
}
