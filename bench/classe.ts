import { Counter, Histogram } from 'prom-client';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import { piecesOf } from '#platform/kafka/platformatic/decode.ts';
import { batchOf, PackedSlice } from '#platform/kafka/platformatic/encode.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Placer, releaseAll } from '#platform/kafka/rounds.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { roundHandler } from '../services/classifier/round.ts';
import {
  carga,
  Fases,
  interacoes,
  type Lote,
  lotesDoLog,
  PARTICOES,
  portfolio,
  registro,
  rodadas,
} from './sem-servidores.ts';

/** What the classifier does to its records, without servers: batches as a broker keeps them in, and batches out. */

const POR_LOTE = 1_000;
const POR_RODADA = 5_000;
/** As many outputs as are made before they are laid out, so that each can be timed by itself. */
const POR_VEZ = 500;

const classifier = {
  apuracoes: new Apuracoes(await loadRulebooks()),
  esquecimentos: new Esquecimentos(),
  portfolio,
  interacoes,
  classificadas: new ClassificadaEncoder(interacoes, await codecFor(registro, 'interacoes-contabilizadas')),
  quarentenas: await codecFor(registro, 'interacoes-em-quarentena'),
  lotes: await codecFor(registro, 'lancamentos'),
};

/** The batches of each round. */
function emRodadas(todos: readonly Lote[]): Lote[][] {
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

const FASES = ['leitura', 'classe', 'disposição', 'lotes'] as const;
let fases = new Fases(FASES);

const placer = new Placer<PackedSlice>(async () => Array.from({ length: PARTICOES }, (_, n) => n), {
  maxRecords: 10_000,
  slice: (topic, partition) => new PackedSlice(topic, partition),
});

/** Hands on what comes, some at a time. */
function* porVez(saidas: Iterable<OutputRecord>): Generator<OutputRecord> {
  let feitas: OutputRecord[] = [];
  for (const saida of saidas) {
    if (feitas.push(saida) < POR_VEZ) continue;
    fases.fim('classe');
    yield* feitas;
    fases.fim('disposição');
    feitas = [];
  }
  fases.fim('classe');
  yield* feitas;
}

let bytes = 0;
async function grava(saidas: Iterable<OutputRecord>): Promise<void> {
  const disposta = await placer.place(porVez(saidas));
  fases.fim('disposição');
  for (const slice of disposta.rounds.flat()) {
    bytes += batchOf(slice, { producerId: 1n, producerEpoch: 0, sequence: 0 }).length;
  }
  releaseAll(disposta);
  fases.fim('lotes');
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
  const batches = feitos.map(({ topic, partition, bytes }) => {
    const records = piecesOf(bytes, null, 0).pieces.flatMap((piece) => piece.records());
    return { topic, partition, records, next: records.length, isStillOurs: () => true };
  });
  fases.fim('leitura');
  await classifica({ batches, commit: grava });
}

const todas = emRodadas(lotesDoLog(POR_LOTE));
for (let n = 0; n < rodadas; n += 1) {
  bytes = 0;
  fases = new Fases(FASES);
  for (const uma of todas) await rodada(uma);
  process.stdout.write(`${carga.eventos} eventos  ${fases.texto(carga.eventos)}   ${bytes} bytes\n`);
}
