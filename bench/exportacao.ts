import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import { codecFor } from '#platform/codec.ts';
import type { DecisaoClassificada } from '#platform/codec-types.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { Kafka, OutputRecord } from '#platform/kafka/port.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { exportaParaBi } from '../services/cli/exportacao-bi/exportacao.ts';
import { withServers } from './servidores-proprios.ts';

/**
 * What `atendido export --from` costs beside reading the same records and doing nothing with them:
 * `node bench/exportacao.ts [records]`. Each measure is a process of its own, over servers of its own; the memory is the
 * most that the process held at any time. The first export is of a quarter of the records, into another folder: what the
 * whole takes more in memory is what grows with their number.
 */
const RECORDS = Number((process.argv[2] ?? '1000000').replaceAll('_', ''));
const PER_CALL = 2_000;
const TOPIC = 'interacoes-contabilizadas';
const MEASURES = ['read', 'decode', 'parquet', 'csv'] as const;
const FROM = Date.parse('2026-01-01T03:00:00Z');

const DECISAO: DecisaoClassificada = {
  contabiliza: true,
  metrica: 'atendimento',
  motivo: 'MOMENTO_INICIO',
  regra: '3.3',
  rulebook: '2024-1',
  modalidade: 'a-distancia',
  estrutura: 'automatizada',
  propostaValor: 'capacitacao',
  apuracao: 0,
  creditos: [],
  chave: null,
};

async function fill(kafka: Kafka, registry: Registry, from: number, to: number): Promise<void> {
  const codec = await codecFor(registry, TOPIC);
  const producer = await kafka.producer();
  const record = (n: number): OutputRecord => {
    const pf = `pf:${((n * 2_654_435_761) % 2 ** 32).toString(36).padStart(22, 'x')}`;
    const solucaoId = `CA-${n % 200}`;
    const quem = {
      source: 'lms-ead',
      id: `${n}-${(n * 7_919).toString(16)}`,
      cliente: { pf, pj: null, naoIdentificado: null },
    };
    const oque = {
      tipoInteracao: 'momento-digital',
      tipoSolucao: 'curso-autoinstrucional',
      solucaoId,
      momento: 'inicio',
    };
    const onde = { unidade: n % 3 === 0 ? 'SP' : 'BA', canal: 'ead', time: FROM + n * 100, matriculaId: `M-${n}` };
    const decisao = {
      ...DECISAO,
      creditos: [pf],
      chave: `curso-autoinstrucional|solucaoId=${solucaoId}|matriculaId=M-${n}`,
    };
    return {
      topic: TOPIC,
      key: pf,
      value: codec.encode({ interacao: { ...INTERACAO_VAZIA, ...quem, ...oque, ...onde }, decisao }),
    };
  };
  for (let n = from; n < to; n += PER_CALL) {
    await producer.send(Array.from({ length: Math.min(PER_CALL, to - n) }, (_, k) => record(n + k)));
  }
  await producer.close();
}

interface Measured {
  seconds: number;
  /** MB. */
  memory: number;
  /** MB. */
  written: number;
}

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce(
    (n, name) => n + statSync(join(folder, name)).size,
    0,
  );

/** One measure, in this process. */
async function one(kafka: Kafka, registry: Registry, measure: (typeof MEASURES)[number]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'atendido-export-'));
  const admin = await kafka.admin();
  const codec = await codecFor(registry, TOPIC);
  const start = performance.now();
  if (measure === 'read' || measure === 'decode') {
    await kafka.readToEnd(TOPIC, {
      onBatch: async ({ records }) => {
        if (measure === 'read') return;
        await codec.prepareIds(records.map(({ value }) => value));
        for (const { value } of records) codec.decodeSync(value);
      },
    });
  } else {
    const pedido = { pasta: folder, formato: measure, porArquivo: 250_000, de: 0, ate: null };
    await exportaParaBi({ kafka, admin, registry }, pedido, () => undefined);
  }
  const seconds = (performance.now() - start) / 1_000;
  await admin.close();
  const written = bytesIn(folder) / 2 ** 20;
  rmSync(folder, { recursive: true, force: true });
  return { seconds, memory: process.resourceUsage().maxRSS / 1024, written };
}

async function inProcess(env: Record<string, string>, measure: string): Promise<Measured> {
  const args = ['--disable-warning=ExperimentalWarning', import.meta.filename];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env, BENCH_ONE: measure },
  });
  return JSON.parse(stdout) as Measured;
}

const connected = ({ KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '' }: Record<string, string | undefined>) => ({
  kafka: createKafka({ brokers: KAFKA_BROKERS.split(','), clientId: 'bench' }),
  registry: connectRegistry(SCHEMA_REGISTRY_URL),
});

async function all(env: Record<string, string>): Promise<void> {
  const { kafka, registry } = connected(env);
  const rows: Record<string, string | number>[] = [];
  let before = 0;
  for (const records of [RECORDS / 4, RECORDS]) {
    await fill(kafka, registry, before, records);
    before = records;
    let bare = Number.NaN;
    for (const measure of MEASURES) {
      const { seconds, memory, written } = await inProcess(env, measure);
      if (measure === 'read') bare = seconds;
      const rates = {
        'records/s': Math.round(records / seconds),
        'times bare reading': Number((seconds / bare).toFixed(1)),
      };
      rows.push({ records, measure, ...rates, 'memory MB': Math.round(memory), 'written MB': Math.round(written) });
    }
  }
  console.table(rows);
}

const asked = MEASURES.find((measure) => measure === process.env.BENCH_ONE);
if (asked === undefined) await withServers((addresses) => all({ ...addresses }));
else {
  const { kafka, registry } = connected(process.env);
  process.stdout.write(JSON.stringify(await one(kafka, registry, asked)));
}
