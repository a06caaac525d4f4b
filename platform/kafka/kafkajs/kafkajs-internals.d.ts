// The pieces of kafkajs 2.2.4 under its public face that `internals.ts` uses; the version is pinned.
declare module 'kafkajs/src/cluster/index.js' {
  export interface Broker {
    /** Milliseconds. */
    authenticationTimeout: number;
    connect(): Promise<void>;
    connectionPool: {
      host: string;
      port: number;
      map(call: (connection: { rejectRequests(error: Error): void }) => void): void;
      send<D, T>(call: {
        request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<object> };
        response: { decode: (raw: Buffer) => Promise<D>; parse: (data: D) => Promise<T> };
      }): Promise<T>;
    };
    fetch(request: object): Promise<{
      responses: { topicName: string; partitions: import('./internals.ts').FetchedPartition[] }[];
    }>;
    listOffsets(request: object): Promise<{
      responses: { topic: string; partitions: { partition: number; offset: string }[] }[];
    }>;
    offsetFetch(request: object): Promise<{
      responses: { topic: string; partitions: { partition: number; offset: string }[] }[];
    }>;
    syncGroup(request: {
      groupId: string;
      generationId: number;
      memberId: string;
      groupAssignment: object;
    }): Promise<unknown>;
    leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
    addPartitionsToTxn(request: object): Promise<unknown>;
    addOffsetsToTxn(request: object): Promise<unknown>;
    txnOffsetCommit(request: import('./group-requests.ts').TransactionOffsets): Promise<unknown>;
  }
  export default class Cluster {
    constructor(options: object);
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
    addMultipleTargetTopics(topics: string[]): Promise<void>;
    refreshMetadata(): Promise<void>;
    refreshMetadataIfNecessary(): Promise<void>;
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
    findBroker(options: { nodeId: string }): Promise<Broker>;
    findGroupCoordinator(options: { groupId: string }): Promise<Broker>;
    removeBroker(address: { host: string; port: number }): void;
  }
}

declare module 'kafkajs/src/broker/index.js' {
  import type { Broker } from 'kafkajs/src/cluster/index.js';

  const BrokerClass: { prototype: Broker };
  export default BrokerClass;
}

declare module 'kafkajs/src/errors.js' {
  // Node finds none of them by name in kafkajs itself.
  const errors: Pick<typeof import('kafkajs'), 'KafkaJSConnectionError'>;
  export default errors;
}

declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    constructor(options: object);
    isConnected(): boolean;
    connect(): Promise<boolean>;
    disconnect(): Promise<boolean>;
    send<T>(call: {
      request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<object> };
      response: { decode: (raw: Buffer) => Promise<T>; parse: (data: T) => Promise<T> };
    }): Promise<T>;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  export default function socketFactory(): unknown;
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  const RequestQueue: { prototype: { throttledUntil: number; scheduleCheckPendingRequests(): void } };
  export default RequestQueue;
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeInt64(value: string): this;
    writeBoolean(value: boolean): this;
    writeUVarIntString(value: string | null): this;
    writeUVarIntArray(values: Encoder[]): this;
    writeUVarIntBytes(value: Buffer | undefined): this;
    writeString(value: string | null): this;
    writeBytes(value: Buffer): this;
    writeArray(values: (Encoder | number | string)[]): this;
    writeEncoder(value: Encoder): this;
    size(): number;
    readonly buffer: Buffer;
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(raw: Buffer);
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readUVarIntString(): string | null;
    readUVarIntArray<T>(reader: (decoder: Decoder) => T): T[];
    readTaggedFields(): void;
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  export function failure(code: number): boolean;
  export function createErrorFromCode(code: number): Error;
}

declare module 'kafkajs/src/protocol/requests/metadata/v0/response.js' {
  interface Answer {
    topicMetadata: { partitionMetadata: { partitionErrorCode: number; leader: number }[] }[];
  }
  const response: { parse(answer: Answer): Promise<Answer> };
  export default response;
}
