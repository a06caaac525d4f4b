import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '#platform/config.ts';
import { DEFAULT_PORTS, type PortName } from '../local/ports.ts';
import { presentServices } from '../local/services.ts';
import { promtool } from './programas.ts';
import { alertas, gravacoes, metricasDe, PASTA, RUNBOOKS, testados } from './regras.ts';

const SECOES = ['## O que quer dizer', '## Como olhar', '## O que fazer'];
const lePagina = (caminho: string): string => readFileSync(join(PROJECT_ROOT, caminho), 'utf8');

describe('the rules of Prometheus', () => {
  it('are what promtool takes, with the configuration that names them', () => {
    const { codigo, saida } = promtool(['check', 'config', join(PASTA, 'prometheus.yml')]);
    expect(codigo, saida).toBe(0);
    expect(saida).toContain(`${alertas().length} rules found`);
  });

  it('are what promtool takes with the configuration of Compose, where it mounts them', () => {
    const pasta = mkdtempSync(join(tmpdir(), 'prometheus-'));
    try {
      cpSync(join(PROJECT_ROOT, 'infra/compose/prometheus.yml'), join(pasta, 'prometheus.yml'));
      cpSync(join(PASTA, 'rules'), join(pasta, 'rules'), { recursive: true });
      const { codigo, saida } = promtool(['check', 'config', join(pasta, 'prometheus.yml')]);
      expect(codigo, saida).toBe(0);
      expect(saida).toContain(`${alertas().length} rules found`);
    } finally {
      rmSync(pasta, { recursive: true });
    }
  });

  it('do what their unit tests say', () => {
    const { codigo, saida } = promtool(['test', 'rules', join(PASTA, 'alerts.test.yml')]);
    expect(codigo, saida).toBe(0);
  });

  it('have a unit test for each alert: that it fires, and what does not make it', () => {
    const vistos = testados();
    const semTeste = alertas().filter(({ alert }) => {
      const { dispara = 0, cala = 0 } = vistos.get(alert) ?? {};
      return dispara === 0 || cala === 0;
    });
    expect(semTeste.map(({ alert }) => alert)).toEqual([]);
  });

  it.each(['infra/prometheus/prometheus.yml', 'infra/compose/prometheus.yml'])(
    '%s sends no alert with the address of the runbooks',
    (arquivo) => {
      const semEle = [{ regex: 'runbooks', action: 'labeldrop' }];
      expect(parse(lePagina(arquivo))).toMatchObject({ alerting: { alert_relabel_configs: semEle } });
    },
  );

  it('are told where runbooks are read: by Compose from its environment, elsewhere by a line to be uncommented', () => {
    const runbooks = '${' + 'ATENDIDO_RUNBOOKS_URL}';
    expect(parse(lePagina('infra/compose/prometheus.yml'))).toMatchObject({
      global: { external_labels: { runbooks } },
    });
    expect(lePagina('infra/prometheus/prometheus.yml')).toMatch(/^ *# external_labels: \{ runbooks: '.+' \}$/m);
  });

  it('are scraped from every service, at its port', () => {
    const config = readFileSync(join(PASTA, 'prometheus.yml'), 'utf8');
    for (const nome of presentServices()) {
      const porta = DEFAULT_PORTS[nome satisfies PortName];
      expect(config).toMatch(new RegExp(`127\\.0\\.0\\.1:${porta}'\\]\\s+labels: \\{ service: ${nome} \\}`));
    }
  });

  it('record under names that say level, metric and operation', () => {
    for (const { record } of gravacoes()) expect(record).toMatch(/^atendido:[a-z_]+:[a-z0-9_]+$/);
  });
});

describe('the runbook', () => {
  it.each(alertas())('of $alert says what it means, how to look, what to do', ({ alert, labels, annotations }) => {
    expect(annotations.runbook_url).toBe(`${RUNBOOKS}/${alert}.md`);
    const pagina = lePagina(`docs/runbooks/${alert}.md`);
    expect(pagina.startsWith(`# ${alert}\n`)).toBe(true);
    expect(pagina).toContain(`Gravidade: ${labels.severity}.`);
    const partes = SECOES.map((secao) => pagina.split(`\n${secao}\n`)[1]?.split('\n## ')[0]?.trim() ?? '');
    for (const parte of partes) expect(parte.length).toBeGreaterThan(80);
  });

  it('has no page of an alert that is gone, and no link that leads nowhere', () => {
    const pasta = join(PROJECT_ROOT, 'docs/runbooks');
    const paginas = readdirSync(pasta);
    expect(paginas.toSorted()).toEqual(
      alertas()
        .map(({ alert }) => `${alert}.md`)
        .toSorted(),
    );
    for (const pagina of paginas) {
      for (const [, link = ''] of lePagina(`docs/runbooks/${pagina}`).matchAll(/\]\(([^)#]+)/g)) {
        expect(existsSync(join(pasta, link)), `${pagina}: ${link}`).toBe(true);
      }
    }
  });
});

describe('docs/operations.md', () => {
  it('has a row for each alert, with its severity, and no other', () => {
    const linhas = [...lePagina('docs/operations.md').matchAll(/^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) \| (\w+) \|/gm)];
    const ditos = linhas.map(([, nome, pagina, gravidade]) => ({ nome, pagina, gravidade }));
    expect(ditos).toEqual(
      alertas().map(({ alert, labels }) => ({ nome: alert, pagina: alert, gravidade: labels.severity })),
    );
  });
});

describe('metricasDe', () => {
  it.each([
    ['up{job="atendido"} == 0', ['up']],
    ['sum by (a_b) (rate(x_total{c_d="e_f"}[5m])) / on (g_h) group_left y_seconds', ['x_total', 'y_seconds']],
    ['histogram_quantile(0.99, sum by (le) (rate(z_bucket[5m]))) > 2', ['z_bucket']],
    ['label_replace(a:b:c, "consumergroup", "$1", "group", "(.+)") or absent(q_state)', ['a:b:c', 'q_state']],
  ])('%s', (expr, nomes) => {
    expect([...metricasDe(expr)]).toEqual(nomes);
  });
});
