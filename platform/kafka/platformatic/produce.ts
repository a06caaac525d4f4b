import { type MessageRecord, type NumericMap, ProduceAcks, type produceV11 } from '@platformatic/kafka';
import type { Placed } from '../rounds.ts';
import { type Link, leaderIn } from './link.ts';

const TIMEOUT_MS = 30_000;

/** Who sends inside a transaction: the broker drops what it already has, by the sequence of each partition. */
export interface Identity {
  transactionalId: string;
  producerId: bigint;
  producerEpoch: number;
  sequences: NumericMap;
}

type Options = Partial<Identity> & { compression: 'lz4' };

function messageOf(record: Placed): MessageRecord {
  const key = typeof record.key === 'string' ? Buffer.from(record.key) : record.key;
  const headers = Object.entries(record.headers ?? {}).map(([name, value]): [Buffer, Buffer] => {
    return [Buffer.from(name), Buffer.from(value)];
  });
  return {
    topic: record.topic,
    partition: record.partition,
    // The client's types know no record without a value (a tombstone); what it writes for null is right.
    value: record.value as Buffer,
    ...(key === null ? {} : { key }),
    ...(headers.length === 0 ? {} : { headers: new Map(headers) }),
  };
}

/** Waits for all, then fails as the first that failed: no request is left behind that could act later. */
export async function settled(requests: readonly unknown[]): Promise<void> {
  for (const result of await Promise.allSettled(requests)) if (result.status === 'rejected') throw result.reason;
}

/**
 * Sends one round, a request to each leader, and resolves when all in-sync replicas have it. What one partition gets
 * is one batch. Fails in the client's errors; nothing is retried.
 */
export async function produce(link: Link, round: readonly Placed[], identity?: Identity): Promise<void> {
  const byLeader = new Map<number, MessageRecord[]>();
  const known = await link.topics([...new Set(round.map((record) => record.topic))]);
  for (const record of round) {
    const leader = leaderIn(known, record.topic, record.partition);
    const messages = byLeader.get(leader);
    if (messages === undefined) byLeader.set(leader, [messageOf(record)]);
    else messages.push(messageOf(record));
  }
  const api = await link.api<[number, number, MessageRecord[], Options], produceV11.ProduceResponse>('Produce');
  const options: Options = { compression: 'lz4', ...identity };
  await settled(
    [...byLeader].map(async ([nodeId, messages]) => {
      await api.async(await link.connection(nodeId), ProduceAcks.ALL, TIMEOUT_MS, messages, options);
    }),
  );
}
