import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { PROJECT_ROOT } from '#platform/config.ts';
import { promtool } from '../prometheus/programas.ts';
import { gravacoes, metricasDe } from '../prometheus/regras.ts';
import { consultas, dashboards } from './paineis.ts';

const VARIAVEL = { type: 'prometheus', uid: `\${datasource}` };

describe('the dashboards of Grafana', () => {
  it.each([...dashboards()])('%s takes whatever Prometheus its variable says', (_arquivo, { templating, panels }) => {
    expect(templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
    );
    for (const { datasource, targets } of panels) {
      for (const one of [datasource, ...targets.map((t) => t.datasource)]) expect(one).toEqual(VARIAVEL);
    }
  });

  it.each([...dashboards()])('%s has no panel over another, nor twice an id', (_arquivo, { panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('have each a uid of its own', () => {
    const uids = [...dashboards().values()].map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('ask in PromQL: promtool takes every query', () => {
    const pasta = mkdtempSync(join(tmpdir(), 'atendido-paineis-'));
    try {
      const rules = consultas().map(({ expr }, n) => ({ record: `painel:consulta:${n}`, expr }));
      const arquivo = join(pasta, 'consultas.yml');
      writeFileSync(arquivo, stringify({ groups: [{ name: 'paineis', rules }] }));
      const { codigo, saida } = promtool(['check', 'rules', arquivo]);
      expect(codigo, saida).toBe(0);
    } finally {
      rmSync(pasta, { recursive: true });
    }
  });

  it('ask for recorded rules that exist', () => {
    const gravadas = new Set(gravacoes().map(({ record }) => record));
    const pedidas = consultas().flatMap(({ expr }) => [...metricasDe(expr)].filter((nome) => nome.includes(':')));
    expect(pedidas.length).toBeGreaterThan(0);
    expect(pedidas.filter((nome) => !gravadas.has(nome))).toEqual([]);
  });

  it('are provisioned from files', () => {
    const le = (nome: string): unknown =>
      parse(readFileSync(join(PROJECT_ROOT, 'infra/grafana/provisioning', nome), 'utf8'));
    expect(le('dashboards/atendido.yml')).toMatchObject({ apiVersion: 1, providers: [{ type: 'file' }] });
    expect(le('datasources/prometheus.yml')).toMatchObject({ apiVersion: 1, datasources: [{ type: 'prometheus' }] });
  });
});
