import { parseArgs } from 'node:util';
import { Counter, Histogram } from 'prom-client';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { chaveDeParticao, topicoDe } from '#domain/interacao.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { piecesOf } from '#platform/kafka/platformatic/decode.ts';
import { batchOf, PackedSlice } from '#platform/kafka/platformatic/encode.ts';
import type { OutputRecord, TopicPartition } from '#platform/kafka/port.ts';
import { Placer, releaseAll } from '#platform/kafka/rounds.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { roundHandler } from '../services/classifier/round.ts';
import { portfolioDaDemo } from '../services/cli/demo/catalogo.ts';
import { interacoesDaCarga } from './carga.ts';

/** What the classifier does to its records, without servers: batches as a broker keeps them in, and batches out. */

const { values: opcoes } = parseArgs({ options: { eventos: { type: 'string' }, rodadas: { type: 'string' } } });
const carga = { eventos: Number(opcoes.eventos ?? 100_000), semente: 42 };
const PARTICOES = 6;
const POR_LOTE = 1_000;
const POR_RODADA = 5_000;
/** As many outputs as are made before they are laid out, so that each can be timed by itself. */
const POR_VEZ = 500;

const registro: Registry = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const lido = lePortfolio(portfolioDaDemo(carga));
if (!lido.ok) throw new Error('o portfólio da demo não se lê');
const interacoes = await codecFor(registro, 'interacoes');
const classifier = {
  apuracoes: new Apuracoes(await loadRulebooks()),
  esquecimentos: new Esquecimentos(),
  portfolio: lido.valor,
  interacoes,
  classificadas: new ClassificadaEncoder(interacoes, await codecFor(registro, 'interacoes-contabilizadas')),
  quarentenas: await codecFor(registro, 'interacoes-em-quarentena'),
  lotes: await codecFor(registro, 'lancamentos'),
};

/** A batch of a partition as it stands in the log. */
interface Lote extends TopicPartition {
  bytes: Buffer;
  registros: number;
}

/** The load as accepted producers send it. */
function lotes(): Lote[] {
  const abertos = new Map<string, PackedSlice>();
  const feitos: Lote[] = [];
  const fecha = (slice: PackedSlice) => {
    const { topic, partition, count } = slice;
    feitos.push({ topic, partition, registros: count, bytes: batchOf(slice, null) });
    abertos.delete(`${topic}/${partition}`);
  };
  for (const interacao of interacoesDaCarga({ ...carga, execucao: 'b' })) {
    const [topic, key] = [topicoDe(interacao), chaveDeParticao(interacao)];
    const partition = murmur2Partition(key, PARTICOES);
    const slice = abertos.get(`${topic}/${partition}`) ?? new PackedSlice(topic, partition);
    abertos.set(`${topic}/${partition}`, slice);
    slice.add({ topic, key, value: interacoes.encode(interacao), timestamp: interacao.time });
    if (slice.count === POR_LOTE) fecha(slice);
  }
  for (const slice of abertos.values()) fecha(slice);
  return feitos;
}

/** The batches of each round. */
function rodadasDe(todos: readonly Lote[]): Lote[][] {
  const rodadas: Lote[][] = [[]];
  let registros = 0;
  for (const lote of todos) {
    if (registros + lote.registros > POR_RODADA) {
      rodadas.push([]);
      registros = 0;
    }
    rodadas.at(-1)?.push(lote);
    registros += lote.registros;
  }
  return rodadas;
}

const fases = ['leitura', 'classe', 'disposição', 'lotes'] as const;
type Fase = (typeof fases)[number];
const segundos: Record<Fase, number> = { leitura: 0, classe: 0, disposição: 0, lotes: 0 };
let antes = process.cpuUsage();

/** What went by since the last one ended belongs to this phase. */
function fim(fase: Fase): void {
  const { user, system } = process.cpuUsage(antes);
  segundos[fase] += (user + system) / 1e6;
  antes = process.cpuUsage();
}

const placer = new Placer<PackedSlice>(async () => Array.from({ length: PARTICOES }, (_, n) => n), {
  maxRecords: 10_000,
  slice: (topic, partition) => new PackedSlice(topic, partition),
});

/** Hands on what comes, some at a time. */
function* porVez(saidas: Iterable<OutputRecord>): Generator<OutputRecord> {
  let feitas: OutputRecord[] = [];
  for (const saida of saidas) {
    if (feitas.push(saida) < POR_VEZ) continue;
    fim('classe');
    yield* feitas;
    fim('disposição');
    feitas = [];
  }
  fim('classe');
  yield* feitas;
}

let bytes = 0;
async function grava(saidas: Iterable<OutputRecord>): Promise<void> {
  const disposta = await placer.place(porVez(saidas));
  fim('disposição');
  for (const slice of disposta.rounds.flat()) {
    bytes += batchOf(slice, { producerId: 1n, producerEpoch: 0, sequence: 0 }).length;
  }
  releaseAll(disposta);
  fim('lotes');
}

const nomes = { name: 'x', help: 'x', registers: [] };
const classifica = roundHandler({
  classifier,
  follower: { caughtUp: async () => undefined },
  paraDecidir: async () => undefined,
  partitions: PARTICOES,
  metrics: { records: new Counter({ ...nomes, labelNames: ['resultado', 'motivo'] }), seconds: new Histogram(nomes) },
});

async function rodada(feitos: readonly Lote[]): Promise<void> {
  antes = process.cpuUsage();
  const batches = feitos.map(({ topic, partition, bytes }) => {
    const records = piecesOf(bytes, null, 0).pieces.flatMap((piece) => piece.records());
    return { topic, partition, records, next: records.length, isStillOurs: () => true };
  });
  fim('leitura');
  await classifica({ batches, commit: grava });
}

const rodadas = rodadasDe(lotes());
for (let n = 0; n < Number(opcoes.rodadas ?? 5); n += 1) {
  bytes = 0;
  for (const fase of fases) segundos[fase] = 0;
  const inicio = process.cpuUsage();
  for (const uma of rodadas) await rodada(uma);
  const { user, system } = process.cpuUsage(inicio);
  const partes = fases.map((fase) => `${fase} ${((segundos[fase] * 1e6) / carga.eventos).toFixed(2)}`).join('  ');
  const total = ((user + system) / carga.eventos).toFixed(2);
  process.stdout.write(`${carga.eventos} eventos  CPU µs ${total}   ${partes}   ${bytes} bytes\n`);
}
