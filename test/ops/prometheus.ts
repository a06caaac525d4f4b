import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { freePorts } from '../../infra/local/ports.ts';
import { caminhoDe } from '../../infra/prometheus/programas.ts';
import { PASTA } from '../../infra/prometheus/regras.ts';
import { until } from '../integration/until.ts';
import { fasterRules } from './faster-rules.ts';

const START_MS = 30_000;

const config = z.looseObject({
  global: z.looseObject({}),
  rule_files: z.array(z.string()),
  scrape_configs: z.array(
    z.looseObject({
      static_configs: z.array(z.object({ targets: z.array(z.string()), labels: z.object({ service: z.string() }) })),
    }),
  ),
});

const alertsAnswer = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        annotations: z.object({ runbook_url: z.string() }),
        state: z.enum(['pending', 'firing']),
      }),
    ),
  }),
});
const queryAnswer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

export interface Alert {
  name: string;
  labels: Record<string, string>;
  runbook: string;
}

/** Where this one is told that runbooks are read. */
export const RUNBOOKS_URL = 'https://runbooks.exemplo/atendido';

/** The configuration that is deployed, at the ports of this line, every second and with faster rules. */
function writeConfig(folder: string, portOf: (service: string) => number): string {
  const read = config.parse(parse(readFileSync(join(PASTA, 'prometheus.yml'), 'utf8')));
  for (const [name, text] of fasterRules(read.rule_files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const one of read.scrape_configs.flatMap(({ static_configs }) => static_configs)) {
    one.targets = [`127.0.0.1:${portOf(one.labels.service)}`];
  }
  read.global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  Object.assign(read.global, { external_labels: { runbooks: RUNBOOKS_URL } });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(read));
  return file;
}

/** A real Prometheus that scrapes a line. */
export class Prometheus {
  readonly #url: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #output = '';

  private constructor(folder: string, file: string, port: number) {
    this.#folder = folder;
    this.#url = `http://127.0.0.1:${port}/api/v1`;
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ];
    this.#process = spawn(caminhoDe('prometheus'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (part: Buffer) => {
        this.#output += part;
      });
    }
  }

  /** @param portOf where a service answers */
  static async start(portOf: (service: string) => number): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'atendido-prometheus-'));
    const [port = 0] = await freePorts(1);
    const one = new Prometheus(folder, writeConfig(folder, portOf), port);
    const answers = () =>
      one.query('vector(1)').then(
        () => true,
        () => false,
      );
    await until(
      async () => {
        if (one.#process.exitCode !== null) throw new Error(`prometheus ended: ${one.#output}`);
        return answers();
      },
      'prometheus to answer',
      START_MS,
    );
    return one;
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/${path}`, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** An expression's value now, by labels. */
  async query(expr: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const answer = queryAnswer.parse(await this.#get(`query?query=${encodeURIComponent(expr)}`));
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** The alerts that fire now. */
  async firing(): Promise<Alert[]> {
    const { alerts } = alertsAnswer.parse(await this.#get('alerts')).data;
    return alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels: { alertname = '', ...labels }, annotations }) => {
        return { name: alertname, labels, runbook: annotations.runbook_url };
      });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
