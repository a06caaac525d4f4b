import { type API, createAPI, ProduceAcks, produceV9, produceV10, produceV11, Writer } from '@platformatic/kafka';
import { allOf } from '../../all-of.ts';
import type { Slice } from '../rounds.ts';
import { batchOf, type PackedSlice, type Sender } from './encode.ts';
import type { Link } from './link.ts';

const PRODUCE = 0;
const TIMEOUT_MS = 30_000;

/** A transactional id, and how far it is in each partition: the broker drops what it already has. */
export interface Identity {
  transactionalId: string;
  producerId: bigint;
  producerEpoch: number;
  sequences: Map<string, number>;
}

export const placeOf = ({ topic, partition }: Slice): string => `${topic}:${partition}`;

function senderOf(slice: Slice, identity: Identity | null): Sender | null {
  if (identity === null) return null;
  const { producerId, producerEpoch, sequences } = identity;
  return { producerId, producerEpoch, sequence: sequences.get(placeOf(slice)) ?? 0 };
}

function requestOf(slices: readonly PackedSlice[], identity: Identity | null): Writer {
  const byTopic = Map.groupBy(slices, (slice) => slice.topic);
  return Writer.create()
    .appendString(identity?.transactionalId ?? null)
    .appendInt16(ProduceAcks.ALL)
    .appendInt32(TIMEOUT_MS)
    .appendArray([...byTopic], (topicWriter, [topic, partitions]) => {
      topicWriter.appendString(topic).appendArray(partitions, (writer, slice) => {
        writer.appendInt32(slice.partition).appendBytes(batchOf(slice, senderOf(slice, identity)));
      });
    })
    .appendTaggedFields();
}

/** A request of ours, of the versions that have one form, each with the client's reading of the answer. */
const REQUESTS = [produceV9, produceV10, produceV11].map(({ api, parseResponse }) => {
  return createAPI<[readonly PackedSlice[], Identity | null], unknown>(PRODUCE, api.version, requestOf, parseResponse);
});

async function requestOver(link: Link): Promise<(typeof REQUESTS)[number]> {
  const { version } = (await link.api('Produce')) as API<unknown[], unknown>;
  const request = REQUESTS.findLast((one) => one.version <= version);
  if (request === undefined) throw new Error(`o Kafka é antigo: aceita Produce só até a versão ${version}`);
  return request;
}

/**
 * Sends one round, a request to each leader, and resolves when all in-sync replicas have it. What one partition gets
 * is one batch. Fails in the client's errors; nothing is retried.
 */
export async function produce(link: Link, round: readonly PackedSlice[], identity: Identity | null): Promise<void> {
  await link.topics([...new Set(round.map((slice) => slice.topic))]);
  const byLeader = new Map<number, PackedSlice[]>();
  for (const slice of round) {
    const leader = await link.leader(slice.topic, slice.partition);
    const slices = byLeader.get(leader);
    if (slices === undefined) byLeader.set(leader, [slice]);
    else slices.push(slice);
  }
  const request = await requestOver(link);
  const asked = [...byLeader].map(async ([node, slices]) => {
    await request.async(await link.connection(node), slices, identity);
  });
  await allOf(asked);
}
