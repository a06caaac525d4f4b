import { CodedError } from '#platform/errors.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { InputRecord, KafkaAdmin, OutputRecord, Producer } from '#platform/kafka/port.ts';
import type { Cut } from './cuts.ts';

/** A record of the old line, with the partition it stood in. */
export type Old = InputRecord & { partition: number };

/** A record that is to be written to a partition of the new line. */
export type Placed = OutputRecord & { partition: number };

/**
 * The empty topics of the new line, and how far they are written. Nobody else writes there, and what is sent outside
 * transactions leaves no markers: the count of what was sent is the next record's offset. `check` finds out where it is not.
 */
export class Target {
  readonly #producer: Pick<Producer, 'send'>;
  readonly #ends: ReadonlyMap<string, number[]>;

  /** @param partitions of each topic */
  constructor(producer: Pick<Producer, 'send'>, partitions: ReadonlyMap<string, number>) {
    this.#producer = producer;
    this.#ends = new Map([...partitions].map(([topic, count]) => [topic, new Array<number>(count).fill(0)]));
  }

  #of(topic: string): number[] {
    const ends = this.#ends.get(topic);
    if (ends === undefined) throw new Error(`${topic} não se copia`);
    return ends;
  }

  partitions(topic: string): number {
    return this.#of(topic).length;
  }

  /** Where a record of the old line goes: by its key; one without a key, where it stood, as far as there are as many. */
  partitionFor(topic: string, { key, partition }: Pick<Old, 'key' | 'partition'>): number {
    const count = this.partitions(topic);
    return key === null ? partition % count : murmur2Partition(key, count);
  }

  /** Where a topic ends by now. */
  ends(topic: string): Cut {
    return [...this.#of(topic)];
  }

  /** Writes records, in order. @returns the offset of each */
  async send(records: readonly Placed[]): Promise<number[]> {
    const offsets = records.map(({ topic, partition }) => {
      const ends = this.#of(topic);
      const offset = ends[partition] ?? 0;
      ends[partition] = offset + 1;
      return offset;
    });
    await this.#producer.send(records);
    return offsets;
  }

  /** That the topics hold what was written, once. @throws CodedError COPIA_INVALIDA */
  async check(admin: Pick<KafkaAdmin, 'ends'>): Promise<void> {
    for (const [topic, ours] of this.#ends) {
      for (const [partition, end] of await admin.ends(topic)) {
        if (end === ours[partition]) continue;
        const what = `${topic}/${partition} do destino termina em ${end}, e escreveram-se ${ours[partition]} registros`;
        throw new CodedError('COPIA_INVALIDA', `${what} (um envio repetido, ou outro que escreve)`);
      }
    }
  }
}
