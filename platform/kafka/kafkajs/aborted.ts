/** A record as kafkajs decodes it, before it filters. */
export interface RawMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
  isControlRecord?: boolean;
  batchContext?: { producerId: string; inTransaction: boolean };
}

export interface AbortedTransaction {
  producerId: string;
  firstOffset: string;
}

const ABORT = 0;

/** A control record's key is two int16: version and type. */
function isAbortMarker(message: RawMessage): boolean {
  return message.isControlRecord === true && message.key !== null && message.key.readInt16BE(2) === ABORT;
}

/**
 * Marks the records of aborted transactions as control records, which kafkajs never hands over. Its own filter takes
 * the broker's list to be in order of first offset, which it is not where transactions overlap, and lets one record
 * pass where a fetch begins inside several: records that were never committed would be counted.
 */
export function hideAborted(messages: readonly RawMessage[], aborted: readonly AbortedTransaction[]): void {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const open = new Set<string>();
  let next = 0;
  for (const message of messages) {
    const offset = Number(message.offset);
    for (let t = waiting[next]; t !== undefined && Number(t.firstOffset) <= offset; t = waiting[++next]) {
      open.add(t.producerId);
    }
    const context = message.batchContext;
    if (context === undefined) continue;
    if (isAbortMarker(message)) open.delete(context.producerId);
    else if (context.inTransaction && open.has(context.producerId)) message.isControlRecord = true;
  }
}
