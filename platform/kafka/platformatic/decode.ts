import type { fetchV17, KafkaRecord, RecordsBatch } from '@platformatic/kafka';
import type { InputRecord } from '../port.ts';

type Answer = Pick<fetchV17.FetchResponsePartition, 'records' | 'abortedTransactions'>;

const LOG_APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
const ABORT = 0;
const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze({});

function headersOf(record: KafkaRecord): Readonly<Record<string, Buffer>> {
  if (record.headers.length === 0) return NO_HEADERS;
  const headers: Record<string, Buffer> = {};
  // Of a header sent several times the last stands.
  for (const [name, value] of record.headers) if (name !== null && value !== null) headers[name.toString()] = value;
  return headers;
}

function take(batch: RecordsBatch, from: number, into: InputRecord[]): void {
  const first = Number(batch.firstOffset);
  const appended = (batch.attributes & LOG_APPEND_TIME) !== 0;
  const time = Number(appended ? batch.maxTimestamp : batch.firstTimestamp);
  for (const record of batch.records) {
    const offset = first + record.offsetDelta;
    if (offset < from) continue;
    into.push({
      offset,
      timestamp: appended ? time : time + Number(record.timestampDelta),
      key: record.key,
      value: record.value,
      headers: headersOf(record),
    });
  }
}

/** A control record's key is two int16: version and type. */
function isAbort(batch: RecordsBatch): boolean {
  const key = batch.records[0]?.key;
  return key !== undefined && key !== null && key.readInt16BE(2) === ABORT;
}

/**
 * The records of an answer from offset `from` on, and the offset to go on at; null where it holds nothing. Records of
 * aborted transactions are left out, where the broker named them: the client's own filter lets those pass whose marker
 * is not in the same answer, and all but the last of one producer's.
 */
export function recordsOf(answer: Answer, from: number): { records: InputRecord[]; next: number | null } {
  const aborted = [...(answer.abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  const records: InputRecord[] = [];
  let next: number | null = null;
  let pending = 0;
  for (const batch of answer.records ?? []) {
    const last = Number(batch.firstOffset) + batch.lastOffsetDelta;
    for (let t = aborted[pending]; t !== undefined && Number(t.firstOffset) <= last; t = aborted[++pending]) {
      open.add(t.producerId);
    }
    next = Math.max(from, last + 1);
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbort(batch)) open.delete(batch.producerId);
    } else if ((batch.attributes & TRANSACTIONAL) === 0 || !open.has(batch.producerId)) {
      take(batch, from, records);
    }
  }
  return { records, next };
}
