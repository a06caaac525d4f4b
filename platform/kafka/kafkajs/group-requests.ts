import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { createErrorFromCode, failure } from 'kafkajs/src/protocol/error.js';
import { RetryableError } from '../../errors.ts';
import type { Member } from '../driver.ts';
import type { Broker } from './internals.ts';

const NO_TAGS = undefined;
const NO_METADATA = null;
const NO_EPOCH = -1;
const UNSTABLE_OFFSET_COMMIT = 88;

/** The first that can ask for stable offsets; kafkajs ends at 4. */
const OFFSET_FETCH = { key: 9, version: 7, name: 'OffsetFetch' };
/** The first that says which member of the group asks; kafkajs ends at 1. */
const TXN_OFFSET_COMMIT = { key: 28, version: 3, name: 'TxnOffsetCommit' };

/** A transaction that moves an offset asked for is committed, or yet to be, and not settled. */
export class UnsettledError extends RetryableError {}

function failOn(errorCode: number): void {
  if (errorCode === UNSTABLE_OFFSET_COMMIT) throw new UnsettledError('há deslocamentos do grupo por confirmar');
  if (failure(errorCode)) throw createErrorFromCode(errorCode);
}

/** Sends a request that kafkajs does not know in this version; `read` fails on the errors in the answer. */
function ask<T>(
  broker: Broker,
  { key, version, name }: typeof OFFSET_FETCH,
  request: Encoder,
  read: (decoder: Decoder) => T,
): Promise<T> {
  return broker.connectionPool.send({
    request: { apiKey: key, apiVersion: version, apiName: name, encode: async () => request },
    response: {
      decode: async (raw: Buffer) => {
        const decoder = new Decoder(raw);
        decoder.readTaggedFields();
        return decoder;
      },
      parse: async (decoder: Decoder) => read(decoder),
    },
  });
}

function topic(name: string, partitions: Encoder[]): Encoder {
  return new Encoder().writeUVarIntString(name).writeUVarIntArray(partitions).writeUVarIntBytes(NO_TAGS);
}

function topicsIn<T>(decoder: Decoder, partition: (decoder: Decoder) => T): T[] {
  const topics = decoder.readUVarIntArray((inner) => {
    inner.readUVarIntString();
    const partitions = inner.readUVarIntArray((one) => {
      const read = partition(one);
      one.readTaggedFields();
      return read;
    });
    inner.readTaggedFields();
    return partitions;
  });
  return topics.flat();
}

/**
 * The group's offsets, or an UnsettledError while a transaction that moves one of them is not settled: kafkajs's own
 * request would answer the offset before it, even where its commit was acknowledged.
 */
export function settledOffsets(
  coordinator: Broker,
  groupId: string,
  name: string,
  partitions: readonly number[],
): Promise<{ partition: number; offset: number }[]> {
  const numbers = partitions.map((partition) => new Encoder().writeInt32(partition));
  const request = new Encoder()
    .writeUVarIntBytes(NO_TAGS)
    .writeUVarIntString(groupId)
    .writeUVarIntArray([topic(name, numbers)])
    .writeBoolean(true)
    .writeUVarIntBytes(NO_TAGS);
  return ask(coordinator, OFFSET_FETCH, request, (decoder) => {
    decoder.readInt32();
    const found = topicsIn(decoder, (one) => {
      const partition = one.readInt32();
      const offset = Number(one.readInt64());
      one.readInt32();
      one.readUVarIntString();
      return { partition, offset, errorCode: one.readInt16() };
    });
    failOn(decoder.readInt16());
    for (const { errorCode } of found) failOn(errorCode);
    return found;
  });
}

/** What kafkajs asks of a group within a transaction. */
export interface TransactionOffsets {
  transactionalId: string;
  groupId: string;
  producerId: string;
  producerEpoch: number;
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
}

/** Moves a group's offsets within a transaction as a member of a generation: refused once another has replaced it. */
export async function commitOffsetsAs(member: Member, coordinator: Broker, asked: TransactionOffsets): Promise<void> {
  const topics = asked.topics.map(({ topic: name, partitions }) => {
    const moved = partitions.map(({ partition, offset }) => {
      const place = new Encoder().writeInt32(partition).writeInt64(offset).writeInt32(NO_EPOCH);
      return place.writeUVarIntString(NO_METADATA).writeUVarIntBytes(NO_TAGS);
    });
    return topic(name, moved);
  });
  const request = new Encoder()
    .writeUVarIntBytes(NO_TAGS)
    .writeUVarIntString(asked.transactionalId)
    .writeUVarIntString(asked.groupId)
    .writeInt64(asked.producerId)
    .writeInt16(asked.producerEpoch)
    .writeInt32(member.generation)
    .writeUVarIntString(member.memberId)
    .writeUVarIntString(member.instanceId)
    .writeUVarIntArray(topics)
    .writeUVarIntBytes(NO_TAGS);
  await ask(coordinator, TXN_OFFSET_COMMIT, request, (decoder) => {
    decoder.readInt32();
    const errorCodes = topicsIn(decoder, (one) => {
      one.readInt32();
      return one.readInt16();
    });
    for (const errorCode of errorCodes) failOn(errorCode);
  });
}
