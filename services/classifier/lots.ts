import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { marcaDoLote } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import { LotWriter } from '#platform/codec-lote.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { MOST_TRACES, TRACES } from '#platform/tracing/tracing.ts';

/** Well under what one request may carry for a partition. */
const MOST = { entries: 1_000, bytes: 512 * 1024 };

/** A lot that may grow. */
interface Open {
  lot: LotWriter;
  /** The traces that its entries are of; null: of none. */
  traces: Set<string> | null;
}

function carry(open: Open, traces: readonly string[]): void {
  open.traces ??= new Set();
  for (const trace of traces) if (open.traces.size < MOST_TRACES) open.traces.add(trace);
}

/**
 * Gathers ledger entries into lots: as few records of `lancamentos` as sizes allow, each entry in the partition of its
 * client, order kept within a client; all of one apuração. Entries are written as they come.
 */
export class Lots {
  readonly #partitions: number;
  readonly #schemaId: number;
  readonly #headers: Record<string, string>;
  readonly #open = new Map<number, Open>();

  /** @param partitions how many `lancamentos` has */
  constructor(partitions: number, codec: Pick<Codec<LoteDeLancamentos>, 'schemaId'>, apuracao: number) {
    this.#partitions = partitions;
    this.#schemaId = codec.schemaId;
    this.#headers = marcaDoLote(apuracao);
  }

  /**
   * @param traces in which traces the entry is
   * @returns the lot that was full before; null: none was
   */
  add(entry: Lancamento, traces?: readonly string[]): OutputRecord | null {
    const partition = murmur2Partition(chaveDoLancamento(entry), this.#partitions);
    const open = this.#open.get(partition);
    if (open?.lot.add(entry) === true) {
      if (traces !== undefined) carry(open, traces);
      return null;
    }
    const full = open === undefined ? null : this.#close(partition, open);
    const next: Open = { lot: new LotWriter(this.#schemaId, MOST), traces: null };
    next.lot.add(entry);
    if (traces !== undefined) carry(next, traces);
    this.#open.set(partition, next);
    return full;
  }

  #close(partition: number, { lot, traces }: Open): OutputRecord {
    this.#open.delete(partition);
    const headers = traces === null ? this.#headers : { ...this.#headers, [TRACES]: [...traces].join(',') };
    return { topic: 'lancamentos', partition, key: null, value: lot.end(), headers };
  }

  /** @returns the lots that are not full */
  *rest(): Generator<OutputRecord> {
    for (const [partition, open] of this.#open) yield this.#close(partition, open);
  }
}
