import type { Cursor } from '../brokers.ts';
import type { InputRecord, TopicPartition } from '../port.ts';

/** Records to be handed over at once. */
export interface Fetched {
  records: InputRecord[];
  /** The offset after it. */
  next: number;
  highWatermark: number;
}

/** One assignment of one partition. As a cursor it stands where the next fetch begins. */
export interface Held extends Cursor {
  /** Positioned: fetched, and handled. */
  ready: boolean;
  queue: Fetched[];
  busy: boolean;
  /** The turn of its last batch. */
  turn: number;
  failures: number;
  /** Set while it waits after a failure. */
  timer: NodeJS.Timeout | null;
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** What was compressed may be many times larger than what was asked for: it is handed over in parts. */
export function parts({ records, next, highWatermark }: Fetched, maxBytes: number): Fetched[] {
  const all: Fetched[] = [];
  let part: InputRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = (record.value?.length ?? 0) + (record.key?.length ?? 0);
    if (part.length > 0 && bytes + size > maxBytes) {
      all.push({ records: part, next: record.offset, highWatermark });
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  return [...all, { records: part, next, highWatermark }];
}
