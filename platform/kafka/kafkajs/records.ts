import type { Message, RecordMetadata, TopicMessages } from 'kafkajs';
import { RetryableError } from '../../errors.ts';
import { nameOf } from '../held.ts';
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

function toMessage({ key, value, headers, timestamp }: OutputRecord, partition: number): Message {
  const time = timestamp === undefined ? {} : { timestamp: String(timestamp) };
  return { partition, key, value, ...(headers === undefined ? {} : { headers }), ...time };
}

/** kafkajs takes records as they are. */
export class MessageSlice implements Slice {
  readonly topic: string;
  readonly partition: number;
  readonly messages: Message[] = [];

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get count(): number {
    return this.messages.length;
  }

  add(record: OutputRecord): void {
    const value = record.value === null ? null : Buffer.from(record.value);
    this.messages.push(toMessage({ ...record, value }, this.partition));
  }

  release(): void {
    this.messages.length = 0;
  }
}

/** A round as kafkajs takes it. */
export function byTopic(round: readonly MessageSlice[]): TopicMessages[] {
  return [...Map.groupBy(round, ({ topic }) => topic)].map(([topic, slices]) => {
    return { topic, messages: slices.flatMap(({ messages }) => messages) };
  });
}

/** @throws RetryableError kafkajs calls the round sent, and a broker answered for some of it only */
export function expectAnswered(round: readonly MessageSlice[], answers: readonly RecordMetadata[]): void {
  const answered = new Set(answers.map(({ topicName: topic, partition }) => nameOf({ topic, partition })));
  const missing = round.map(nameOf).filter((name) => !answered.has(name));
  if (missing.length > 0) throw new RetryableError(`ninguém confirmou ${missing.join(', ')}`);
}
