import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { createErrorFromCode, failure } from 'kafkajs/src/protocol/error.js';
import { RetryableError } from '../../errors.ts';
import type { Broker } from './internals.ts';

const OFFSET_FETCH = 9;
/** The first that can ask for stable offsets; kafkajs ends at 4. */
const VERSION = 7;
const UNSTABLE_OFFSET_COMMIT = 88;
const NO_TAGS = undefined;

/** A transaction that moves an offset asked for is committed, or yet to be, and not settled. */
export class UnsettledError extends RetryableError {}

interface Answer {
  partitions: { partition: number; offset: number; errorCode: number }[];
  errorCode: number;
}

function encode(groupId: string, topic: string, partitions: readonly number[]): Encoder {
  const numbers = partitions.map((partition) => new Encoder().writeInt32(partition));
  const topics = [new Encoder().writeUVarIntString(topic).writeUVarIntArray(numbers).writeUVarIntBytes(NO_TAGS)];
  return new Encoder()
    .writeUVarIntBytes(NO_TAGS)
    .writeUVarIntString(groupId)
    .writeUVarIntArray(topics)
    .writeBoolean(true)
    .writeUVarIntBytes(NO_TAGS);
}

function partition(decoder: Decoder): Answer['partitions'][number] {
  const number = decoder.readInt32();
  const offset = Number(decoder.readInt64());
  decoder.readInt32();
  decoder.readUVarIntString();
  const errorCode = decoder.readInt16();
  decoder.readTaggedFields();
  return { partition: number, offset, errorCode };
}

function decode(raw: Buffer): Answer {
  const decoder = new Decoder(raw);
  decoder.readTaggedFields();
  decoder.readInt32();
  const topics = decoder.readUVarIntArray((inner) => {
    inner.readUVarIntString();
    const partitions = inner.readUVarIntArray(partition);
    inner.readTaggedFields();
    return partitions;
  });
  return { partitions: topics.flat(), errorCode: decoder.readInt16() };
}

function parse(answer: Answer): Answer {
  for (const { errorCode } of [answer, ...answer.partitions]) {
    if (errorCode === UNSTABLE_OFFSET_COMMIT) throw new UnsettledError('há deslocamentos do grupo por confirmar');
    if (failure(errorCode)) throw createErrorFromCode(errorCode);
  }
  return answer;
}

/**
 * The group's offsets, or an UnsettledError while a transaction that moves one of them is not settled: kafkajs's own
 * request would answer the offset before it, even where its commit was acknowledged.
 */
export async function settledOffsets(
  coordinator: Broker,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<{ partition: number; offset: number }[]> {
  const answer = await coordinator.connectionPool.send({
    request: {
      apiKey: OFFSET_FETCH,
      apiVersion: VERSION,
      apiName: 'OffsetFetch',
      encode: async () => encode(groupId, topic, partitions),
    },
    response: { decode: async (raw: Buffer) => decode(raw), parse: async (data: Answer) => parse(data) },
  });
  return answer.partitions;
}
