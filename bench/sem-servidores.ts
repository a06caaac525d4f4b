import { parseArgs } from 'node:util';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { batchOf, PackedSlice } from '#platform/kafka/platformatic/encode.ts';
import type { TopicPartition } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { portfolioDaDemo } from '../services/cli/demo/catalogo.ts';
import { interacoesDaCarga } from './carga.ts';

/** What the benches of one service's work have in common, which run without servers. */

const { values } = parseArgs({ options: { eventos: { type: 'string' }, rodadas: { type: 'string' } } });
export const carga = { eventos: Number(values.eventos ?? 100_000), semente: 42 };
export const rodadas = Number(values.rodadas ?? 5);
export const PARTICOES = 6;

const lido = lePortfolio(portfolioDaDemo(carga));
if (!lido.ok) throw new Error('o portfólio da demo não se lê');
export const portfolio = lido.valor;

export const registro: Registry = { register: async () => 1, idOf: async () => 1, writer: async () => null };
export const interacoes: Codec<Interacao> = await codecFor(registro, 'interacoes');

/** A batch of a partition as it stands in the log. */
export interface Lote extends TopicPartition {
  bytes: Buffer;
  registros: number;
}

/** The load as accepted producers send it, so many records a batch. */
export function lotesDoLog(porLote: number): Lote[] {
  const abertos = new Map<string, PackedSlice>();
  const feitos: Lote[] = [];
  const fecha = (slice: PackedSlice): void => {
    const { topic, partition, count } = slice;
    feitos.push({ topic, partition, registros: count, bytes: batchOf(slice, null) });
    slice.release();
    abertos.delete(`${topic}/${partition}`);
  };
  for (const interacao of interacoesDaCarga({ ...carga, execucao: 'b' })) {
    const [topic, key] = [topicoDe(interacao), chaveDeParticao(interacao)];
    const partition = murmur2Partition(key, PARTICOES);
    const slice = abertos.get(`${topic}/${partition}`) ?? new PackedSlice(topic, partition);
    abertos.set(`${topic}/${partition}`, slice);
    slice.add({ topic, key, value: interacoes.encode(interacao), timestamp: interacao.time });
    if (slice.count === porLote) fecha(slice);
  }
  for (const slice of abertos.values()) fecha(slice);
  return feitos;
}

/** Seconds of CPU, by phase. */
export class Fases<F extends string> {
  readonly #segundos: Map<F, number>;
  readonly #inicio = process.cpuUsage();
  #antes = this.#inicio;

  constructor(fases: readonly F[]) {
    this.#segundos = new Map(fases.map((fase) => [fase, 0]));
  }

  /** What went by since the last one ended belongs to this phase. */
  fim(fase: F): void {
    const { user, system } = process.cpuUsage(this.#antes);
    this.#segundos.set(fase, (this.#segundos.get(fase) ?? 0) + (user + system) / 1e6);
    this.#antes = process.cpuUsage();
  }

  /** Microseconds of each of so many, in all and by phase. */
  texto(quantos: number): string {
    const { user, system } = process.cpuUsage(this.#inicio);
    const partes = [...this.#segundos].map(([fase, segundos]) => `${fase} ${((segundos * 1e6) / quantos).toFixed(2)}`);
    return `CPU µs ${((user + system) / quantos).toFixed(2)}   ${partes.join('  ')}`;
  }
}
