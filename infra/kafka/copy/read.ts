import type { Kafka } from '#platform/kafka/port.ts';
import type { Old } from './target.ts';

/** By partition, the next offset. */
export type Ends = ReadonlyMap<number, number>;

/**
 * Reads a topic one partition after the other, so that who reads it twice reads it in the same order.
 * @param from by partition; without it, the beginning
 */
export async function readInOrder(
  kafka: Pick<Kafka, 'readToEnd'>,
  topic: string,
  ends: Ends,
  take: (records: Old[]) => Promise<void>,
  from?: Ends,
): Promise<void> {
  for (const partition of [...ends.keys()].sort((a, b) => a - b)) {
    await kafka.readToEnd(topic, {
      partitions: [partition],
      to: ends,
      ...(from === undefined ? {} : { from }),
      onBatch: ({ records }) => take(records.map((record) => ({ ...record, partition }))),
    });
  }
}
