import type { Piece } from './brokers.ts';
import type { Cursor, InputRecord, TopicPartition } from './port.ts';

/** One assignment of one partition. As a cursor it stands where the next fetch begins. */
export interface Held extends Cursor {
  /** Positioned: fetched, and handled. */
  ready: boolean;
  /** Fetched and not handed yet, in order. */
  queue: Piece[];
  /** A round has it. */
  busy: boolean;
  /** The turn of its last round. */
  turn: number;
  failures: number;
  /** Set while it waits after a failure. */
  timer: NodeJS.Timeout | null;
}

export function newHeld({ topic, partition }: TopicPartition): Held {
  return { topic, partition, offset: 0, ready: false, queue: [], busy: false, turn: 0, failures: 0, timer: null };
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

export function queuedBytes({ queue }: Held): number {
  return queue.reduce((bytes, piece) => bytes + piece.bytes, 0);
}

/** What a round may still take. */
export interface Budget {
  records: number;
  bytes: number;
}

/** What a round took of one partition. */
export interface Taken {
  held: Held;
  records: InputRecord[];
  /** The offset after it. */
  next: number;
}

function sizeOf({ key, value }: InputRecord): number {
  return (value?.length ?? 0) + (key?.length ?? 0);
}

/** Records unpacked before, as a piece again. */
function unpacked(records: InputRecord[], next: number): Piece {
  return { bytes: records.reduce((bytes, record) => bytes + sizeOf(record), 0), next, records: () => records };
}

/** Takes records off the queue of a partition as far as the budget goes, but one at least; null where there are none. */
function take(held: Held, budget: Budget): Taken | null {
  const taken: InputRecord[] = [];
  let next = 0;
  for (
    let piece = held.queue[0];
    piece !== undefined && budget.records > 0 && budget.bytes > 0;
    piece = held.queue[0]
  ) {
    held.queue.shift();
    const records = piece.records();
    next = piece.next;
    for (const [n, record] of records.entries()) {
      if (budget.records <= 0 || budget.bytes <= 0) {
        held.queue.unshift(unpacked(records.slice(n), next));
        next = record.offset;
        break;
      }
      taken.push(record);
      budget.records -= 1;
      budget.bytes -= sizeOf(record);
    }
  }
  return taken.length > 0 ? { held, records: taken, next } : null;
}

/**
 * A round of the partitions that are free: those that have waited longest first, as much as the budget holds. One that
 * failed goes alone, so that it holds up no other.
 */
export function takeRound(free: Held[], budget: Budget): Taken[] {
  const all: Taken[] = [];
  for (const held of free.sort((a, b) => a.turn - b.turn)) {
    if (held.failures > 0 && all.length > 0) continue;
    const taken = take(held, budget);
    if (taken !== null) all.push(taken);
    if (taken !== null && held.failures > 0) break;
  }
  return all;
}

/** Puts back what a round that failed had taken. */
export function putBack({ held, records, next }: Taken): void {
  held.queue.unshift(unpacked(records, next));
}
