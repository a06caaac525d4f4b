import type { InputRecord, Kafka, ReadOptions } from './port.ts';

export interface GatherOptions extends Omit<ReadOptions, 'onBatch'> {
  /** As many records as are worth handling together. */
  atLeast: number;
  /** Given what was read of each partition, in order; the last time, what is left. */
  onGathered: (records: ReadonlyMap<number, readonly InputRecord[]>) => Promise<void>;
}

/** Reads a topic up to its ends, some records of several partitions at a time, however they were written. */
export async function readGathered(
  kafka: Pick<Kafka, 'readToEnd'>,
  topic: string,
  { atLeast, onGathered, ...where }: GatherOptions,
): Promise<void> {
  let gathered = new Map<number, InputRecord[]>();
  let count = 0;
  const handOver = async (): Promise<void> => {
    const records = gathered;
    gathered = new Map();
    count = 0;
    await onGathered(records);
  };
  await kafka.readToEnd(topic, {
    ...where,
    onBatch: async ({ partition, records }) => {
      const before = gathered.get(partition) ?? [];
      gathered.set(partition, before);
      for (const record of records) before.push(record);
      count += records.length;
      if (count >= atLeast) await handOver();
    },
  });
  await handOver();
}
