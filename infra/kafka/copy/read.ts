import type { LogReader } from '#platform/kafka/port.ts';
import { sizeOf } from '#platform/kafka/rounds.ts';
import type { Old } from './target.ts';

/** By partition, the next offset. */
export type Ends = ReadonlyMap<number, number>;

/** Who reads: over one connection, whatever there is to read. */
export type Reader = Pick<LogReader, 'readToEnd'>;

/** What is taken at once: a request to each broker for many batches, while nobody can come in by the door. */
export const GATHERED = { records: 10_000, bytes: 8 * 1024 * 1024 };

/** Puts records together, in order, until they are as many as are taken at once. */
class Gathering {
  readonly #take: (records: Old[]) => Promise<void>;
  #records: Old[] = [];
  #bytes = 0;

  constructor(take: (records: Old[]) => Promise<void>) {
    this.#take = take;
  }

  async add(record: Old): Promise<void> {
    const size = sizeOf(record);
    if (this.#bytes + size > GATHERED.bytes) await this.rest();
    this.#bytes += size;
    if (this.#records.push(record) >= GATHERED.records) await this.rest();
  }

  async rest(): Promise<void> {
    const records = this.#records;
    if (records.length === 0) return;
    this.#records = [];
    this.#bytes = 0;
    await this.#take(records);
  }
}

/**
 * Reads a topic one partition after the other, so that who reads it twice reads it in the same order.
 * @param take of records one after the other, of several partitions too
 * @param from by partition; without it, the beginning
 */
export async function readInOrder(
  reader: Reader,
  topic: string,
  ends: Ends,
  take: (records: Old[]) => Promise<void>,
  from: Ends = new Map(),
): Promise<void> {
  const gathering = new Gathering(take);
  for (const partition of [...ends.keys()].sort((a, b) => a - b)) {
    // Between two orders most partitions hold nothing: nobody is asked.
    if ((from.get(partition) ?? 0) >= (ends.get(partition) ?? 0)) continue;
    await reader.readToEnd(topic, {
      partitions: [partition],
      ...{ from, to: ends },
      onBatch: async ({ records }) => {
        for (const record of records) await gathering.add({ ...record, partition });
      },
    });
  }
  await gathering.rest();
}
