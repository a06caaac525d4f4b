import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { marcaDoLote } from '#platform/apuracoes.ts';
import { type Codec, HEADER_BYTES } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { MOST_TRACES, TRACES } from '#platform/tracing/tracing.ts';

const MAX_ENTRIES = 1_000;
/** Well under what one request may carry for a partition. */
const MAX_BYTES = 512 * 1024;
/** An Avro array ends in a block of none. */
const END = Buffer.of(0);

/** A lot that may grow: the blocks of its array, as Avro has them. */
interface Open {
  blocks: Buffer[];
  bytes: number;
  entries: number;
  /** The traces that its entries are of; null: none. */
  traces: Set<string> | null;
}

type Traces = ReadonlyMap<Lancamento, readonly string[]>;
const NO_TRACES: Traces = new Map();

function withTraces(known: Set<string> | null, entries: readonly Lancamento[], traces: Traces): Set<string> | null {
  const all = known ?? new Set<string>();
  for (const entry of entries) {
    for (const trace of traces.get(entry) ?? []) if (all.size < MOST_TRACES) all.add(trace);
  }
  return all.size > 0 ? all : null;
}

/**
 * Gathers ledger entries into lots: as few records of `lancamentos` as sizes allow, each entry in the partition of its
 * client, order kept within a client; all of one apuração. Entries are written as they come, a block of the lot's array at a time.
 */
export class Lots {
  readonly #partitions: number;
  readonly #codec: Codec<LoteDeLancamentos>;
  readonly #headers: Record<string, string>;
  readonly #open = new Map<number, Open>();

  /** @param partitions how many `lancamentos` has */
  constructor(partitions: number, codec: Codec<LoteDeLancamentos>, apuracao: number) {
    this.#partitions = partitions;
    this.#codec = codec;
    this.#headers = marcaDoLote(apuracao);
  }

  /**
   * @param traces in which traces an entry is
   * @returns the lots that became full
   */
  *add(lancamentos: readonly Lancamento[], traces = NO_TRACES): Generator<OutputRecord> {
    const byPartition = Map.groupBy(lancamentos, (l) => murmur2Partition(chaveDoLancamento(l), this.#partitions));
    for (const [partition, entries] of byPartition) {
      for (let from = 0; from < entries.length; from += MAX_ENTRIES) {
        yield* this.#block(partition, entries.slice(from, from + MAX_ENTRIES), traces);
      }
    }
  }

  *#block(partition: number, entries: Lancamento[], traces: Traces): Generator<OutputRecord> {
    const block = this.#codec.encode({ lancamentos: entries }).subarray(HEADER_BYTES, -END.length);
    if (block.length > MAX_BYTES && entries.length > 1) {
      const half = Math.ceil(entries.length / 2);
      yield* this.#block(partition, entries.slice(0, half), traces);
      yield* this.#block(partition, entries.slice(half), traces);
      return;
    }
    const open = this.#open.get(partition);
    const fits =
      open !== undefined && open.entries + entries.length <= MAX_ENTRIES && open.bytes + block.length <= MAX_BYTES;
    if (open !== undefined && !fits) yield this.#close(partition, open);
    const lot = fits
      ? open
      : {
          blocks: [this.#codec.encode({ lancamentos: [] }).subarray(0, HEADER_BYTES)],
          bytes: 0,
          entries: 0,
          traces: null,
        };
    lot.blocks.push(block);
    lot.bytes += block.length;
    lot.entries += entries.length;
    if (traces.size > 0) lot.traces = withTraces(lot.traces, entries, traces);
    this.#open.set(partition, lot);
  }

  #close(partition: number, { blocks, traces }: Open): OutputRecord {
    this.#open.delete(partition);
    const value = Buffer.concat([...blocks, END]);
    const headers = traces === null ? this.#headers : { ...this.#headers, [TRACES]: [...traces].join(',') };
    return { topic: 'lancamentos', partition, key: null, value, headers };
  }

  /** @returns the lots that are not full */
  *rest(): Generator<OutputRecord> {
    for (const [partition, open] of this.#open) yield this.#close(partition, open);
  }
}
