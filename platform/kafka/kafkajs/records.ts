import type { Message, TopicMessages } from 'kafkajs';
import { type InputRecord, NO_HEADERS, type OutputRecord } from '../port.ts';
import type { Slice } from '../rounds.ts';
import type { RawMessage } from './aborted.ts';

function headersOf(message: RawMessage): InputRecord['headers'] {
  const all = Object.entries(message.headers ?? {});
  if (all.length === 0) return NO_HEADERS;
  const headers: Record<string, Buffer> = {};
  for (const [name, value] of all) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = Buffer.from(last);
  }
  return headers;
}

/** A record off the wire; of a header sent several times the last stands. */
export function toInput(message: RawMessage): InputRecord {
  return {
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersOf(message),
  };
}

function toMessage({ key, value, headers }: OutputRecord, partition: number): Message {
  return { partition, key, value, ...(headers === undefined ? {} : { headers }) };
}

/** A round as kafkajs takes it. */
export function byTopic(round: readonly Slice[]): TopicMessages[] {
  return [...Map.groupBy(round, ({ topic }) => topic)].map(([topic, slices]) => {
    const messages = slices.flatMap(({ partition, records }) => records.map((record) => toMessage(record, partition)));
    return { topic, messages };
  });
}
