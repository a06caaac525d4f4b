import BrokerClass from 'kafkajs/src/broker/index.js';
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import Connection from 'kafkajs/src/network/connection.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import metadata from 'kafkajs/src/protocol/requests/metadata/v0/response.js';
import type { Member } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { type AbortedTransaction, hideAborted, type RawMessage } from './aborted.ts';
import { addressOf, CONNECTION, newClient, RETRY } from './client.ts';
import { afterTheLast } from './concurrent.ts';
import { commitOffsetsAs } from './group-requests.ts';

export interface FetchedPartition {
  partition: number;
  highWatermark: string;
  lastStableOffset: string;
  abortedTransactions: AbortedTransaction[] | null;
  messages: RawMessage[];
}

// Every fetch of this process goes through here, the consumer's and the reader's.
const fetch = BrokerClass.prototype.fetch;
BrokerClass.prototype.fetch = async function (request) {
  const answer = await fetch.call(this, request);
  for (const topic of answer.responses) {
    for (const partition of topic.partitions) {
      hideAborted(partition.messages, partition.abortedTransactions ?? []);
      partition.abortedTransactions = [];
    }
  }
  return answer;
};

const { addPartitionsToTxn, addOffsetsToTxn } = BrokerClass.prototype;
BrokerClass.prototype.addPartitionsToTxn = function (request) {
  return afterTheLast(() => addPartitionsToTxn.call(this, request));
};
BrokerClass.prototype.addOffsetsToTxn = function (request) {
  return afterTheLast(() => addOffsetsToTxn.call(this, request));
};

const LEADER_NOT_AVAILABLE = 5;

// Every version of the answer is parsed by this one. A partition without a leader would cost all that is in it: to us
// its leader is -1.
const parseMetadata = metadata.parse;
metadata.parse = (answer) => {
  for (const partition of answer.topicMetadata.flatMap((topic) => topic.partitionMetadata)) {
    if (partition.partitionErrorCode === LEADER_NOT_AVAILABLE) partition.partitionErrorCode = 0;
  }
  return parseMetadata(answer);
};

const generations = new Map<string, number>();
const syncGroup = BrokerClass.prototype.syncGroup;
BrokerClass.prototype.syncGroup = function (request) {
  generations.set(request.memberId, request.generationId);
  return syncGroup.call(this, request);
};

/** The generation of the group that a member joined last, which kafkajs does not tell. */
export function generationOf(memberId: string): number {
  return generations.get(memberId) ?? -1;
}

const holders = new Map<string, Member>();
BrokerClass.prototype.txnOffsetCommit = async function (request) {
  const member = holders.get(request.transactionalId);
  if (member === undefined) throw new Error(`ninguém move deslocamentos como ${request.transactionalId}`);
  await commitOffsetsAs(member, this, request);
};

/** Which member of a group the offsets moved under a transactional id are moved by, which kafkajs cannot say. */
export function transactAs(transactionalId: string, member: Member): void {
  holders.set(transactionalId, member);
}

const LENGTH_BYTES = 4;

// What came of an answer that was cut off stays there, and the answers of the next connection to that broker are read as
// the rest of it: from then on none is ever understood.
const connect = Connection.prototype.connect;
Connection.prototype.connect = function () {
  if (!this.isConnected()) Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES });
  return connect.call(this);
};

// "Never throttled" is -1 there, and the timer it computes from that makes newer Nodes warn of a negative timeout.
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function () {
  const until = this.throttledUntil;
  this.throttledUntil = Math.max(until, Date.now() + 10);
  schedule.call(this);
  this.throttledUntil = until;
};

/** A connection to the brokers without group or producer: fetches and offsets as the protocol has them. */
export function newCluster(config: KafkaConfig): Cluster {
  return new Cluster({
    ...CONNECTION,
    logger: newClient(config).logger(),
    socketFactory: socketFactory(),
    ...addressOf(config),
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    retry: RETRY,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
  });
}

export type { Broker, Cluster };
