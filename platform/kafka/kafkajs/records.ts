import type { Message } from 'kafkajs';
import type { InputRecord, OutputRecord } from '../port.ts';
import type { RawMessage } from './aborted.ts';

/** A record off the wire; of a header sent several times the last stands. */
export function toInput(message: RawMessage): InputRecord {
  const headers: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = Buffer.from(last);
  }
  return {
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
  };
}

export function toMessage(record: OutputRecord & { partition: number }): Message {
  return {
    partition: record.partition,
    key: record.key,
    value: record.value,
    ...(record.headers === undefined ? {} : { headers: record.headers }),
  };
}
