import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import { type Codec, HEADER_BYTES } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord } from '#platform/kafka/port.ts';
import type { Old, Placed } from './target.ts';

/** The most of one lot that is put together: as the classifier's are, or less. */
const MOST = { entries: 500, bytes: 256 * 1024 };
/** An Avro array ends in a block of none. */
const END = Buffer.of(0);

/** A lot that may grow: the blocks of its array, as Avro has them. */
interface Open {
  placed: Placed;
  blocks: Buffer[];
  bytes: number;
  entries: number;
}

const same = (a: Old['headers'], b: Old['headers']): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name]?.equals(a[name] ?? Buffer.of()));
};

/**
 * Lots of the ledger in the new line: each is divided among the partitions that its entries go to, and the pieces of those
 * that follow one another, of the same apuração, are one lot again, or their number would be multiplied. The entries of one
 * client all stood in one partition, and stand in one again, in the same order.
 */
class LotsInNew {
  readonly #codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'encode'>;
  readonly #partitions: number;
  readonly #lots: Open[] = [];
  /** By partition, the last one. */
  readonly #last = new Map<number, Open>();

  constructor(codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'encode'>, partitions: number) {
    this.#codec = codec;
    this.#partitions = partitions;
  }

  add(record: Old): void {
    const { lancamentos } = this.#codec.decodeSync(record.value);
    const byPartition = Map.groupBy(lancamentos, (entry) =>
      murmur2Partition(chaveDoLancamento(entry), this.#partitions),
    );
    for (const [partition, entries] of byPartition) this.#piece(partition, entries, record);
  }

  #piece(partition: number, entries: Lancamento[], { headers, timestamp }: InputRecord): void {
    const encoded = this.#codec.encode({ lancamentos: entries });
    const block = encoded.subarray(HEADER_BYTES, -END.length);
    let lot = this.#last.get(partition);
    const joins =
      lot !== undefined &&
      lot.entries + entries.length <= MOST.entries &&
      lot.bytes + block.length <= MOST.bytes &&
      same(lot.placed.headers as Old['headers'], headers);
    if (lot === undefined || !joins) {
      const placed = { topic: 'lancamentos', partition, key: null, value: null, headers, timestamp };
      lot = { placed, blocks: [encoded.subarray(0, HEADER_BYTES)], bytes: 0, entries: 0 };
      this.#last.set(partition, lot);
      this.#lots.push(lot);
    }
    lot.blocks.push(block);
    lot.bytes += block.length;
    lot.entries += entries.length;
  }

  all(): Placed[] {
    return this.#lots.map(({ placed, blocks }) => ({ ...placed, value: Buffer.concat([...blocks, END]) }));
  }
}

/** The lots of the new line that hold what these, one after the other, hold in the old one. */
export function lotsInNew(
  codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'encode'>,
  records: readonly Old[],
  partitions: number,
): Placed[] {
  const lots = new LotsInNew(codec, partitions);
  for (const record of records) lots.add(record);
  return lots.all();
}
