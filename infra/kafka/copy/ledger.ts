import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import type { Codec } from '#platform/codec.ts';
import { LotWriter } from '#platform/codec-lote.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord } from '#platform/kafka/port.ts';
import type { Old, Placed } from './target.ts';

/** The most of one lot that is put together: as the classifier's are, or less. */
const MOST = { entries: 500, bytes: 256 * 1024 };

/** A lot that may grow. */
interface Open {
  placed: Placed;
  lot: LotWriter;
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
  readonly #codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'schemaId'>;
  readonly #partitions: number;
  readonly #lots: Open[] = [];
  /** By partition, the last one. */
  readonly #last = new Map<number, Open>();

  constructor(codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'schemaId'>, partitions: number) {
    this.#codec = codec;
    this.#partitions = partitions;
  }

  add(record: Old): void {
    const { lancamentos } = this.#codec.decodeSync(record.value);
    for (const entry of lancamentos) {
      this.#entry(murmur2Partition(chaveDoLancamento(entry), this.#partitions), entry, record);
    }
  }

  #entry(partition: number, entry: Lancamento, { headers, timestamp }: InputRecord): void {
    const open = this.#last.get(partition);
    if (open !== undefined && same(open.placed.headers as Old['headers'], headers) && open.lot.add(entry)) return;
    const placed = { topic: 'lancamentos', partition, key: null, value: null, headers, timestamp };
    const lot = new LotWriter(this.#codec.schemaId, MOST);
    lot.add(entry);
    this.#last.set(partition, { placed, lot });
    this.#lots.push({ placed, lot });
  }

  all(): Placed[] {
    return this.#lots.map(({ placed, lot }) => ({ ...placed, value: lot.end() }));
  }
}

/** The lots of the new line that hold what these, one after the other, hold in the old one. */
export function lotsInNew(
  codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'schemaId'>,
  records: readonly Old[],
  partitions: number,
): Placed[] {
  const lots = new LotsInNew(codec, partitions);
  for (const record of records) lots.add(record);
  return lots.all();
}
