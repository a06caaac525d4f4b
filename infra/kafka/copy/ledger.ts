import { chaveDoLancamento } from '#domain/lancamento.ts';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { Old, Placed } from './target.ts';

/**
 * A lot of the ledger in the new line: a lot for each partition that its entries go to, of the same apuração. The entries of one
 * client all stood in one partition, and stand in one again, in the same order.
 */
export function lotsInNew(
  codec: Pick<Codec<LoteDeLancamentos>, 'decodeSync' | 'encode'>,
  { value, headers, timestamp }: Old,
  partitions: number,
): Placed[] {
  const { lancamentos } = codec.decodeSync(value);
  const byPartition = Map.groupBy(lancamentos, (entry) => murmur2Partition(chaveDoLancamento(entry), partitions));
  return [...byPartition].map(([partition, entries]) => {
    const whole = entries.length === lancamentos.length;
    const lot = whole ? value : codec.encode({ lancamentos: entries });
    return { topic: 'lancamentos', partition, key: null, value: lot, headers, timestamp };
  });
}
