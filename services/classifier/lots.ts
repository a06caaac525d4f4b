import { chaveDoLancamento, type Lancamento } from '#domain/lancamento.ts';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';

const MAX_ENTRIES = 1_000;
/** Well under what one request may carry for a partition. */
const MAX_BYTES = 512 * 1024;

function encode(codec: Codec<LoteDeLancamentos>, lancamentos: Lancamento[]): Buffer[] {
  const few = lancamentos.length <= MAX_ENTRIES ? codec.encode({ lancamentos }) : null;
  if (few !== null && (few.length <= MAX_BYTES || lancamentos.length === 1)) return [few];
  const half = Math.ceil(lancamentos.length / 2);
  return [...encode(codec, lancamentos.slice(0, half)), ...encode(codec, lancamentos.slice(half))];
}

/**
 * Gathers a batch's ledger entries into lots: as few records of `lancamentos` as sizes allow, each entry in the
 * partition of its client, order kept within a client.
 * @param partitions how many `lancamentos` has
 */
export function lotsOf(
  lancamentos: readonly Lancamento[],
  partitions: number,
  codec: Codec<LoteDeLancamentos>,
): OutputRecord[] {
  const byPartition = Map.groupBy(lancamentos, (l) => murmur2Partition(chaveDoLancamento(l), partitions));
  return [...byPartition].flatMap(([partition, entries]) =>
    encode(codec, entries).map((value) => ({ topic: 'lancamentos', partition, key: null, value })),
  );
}
