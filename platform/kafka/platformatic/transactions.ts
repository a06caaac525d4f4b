import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type Connection,
  endTxnV3,
  initProducerIdV4,
  NumericMap,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import type { Placed } from '../rounds.ts';
import { type KafkaConfig, logOf, TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import type { OffsetMove, TransactionalProducer, TransactionDriver } from '../transactor.ts';
import { Directory } from './directory.ts';
import { isFenced, isRetryable, isTooLarge, toPortError } from './errors.ts';
import { GROUP, Link, TRANSACTION } from './link.ts';
import { type Identity, produce, settled } from './produce.ts';

/** The broker writes a transaction's markers after it has answered: for some milliseconds the next one must wait. */
const FIRST_WAIT_MS = 4;
const MOST_WAIT_MS = 250;
const ATTEMPTS = 14;
const NO_MEMBER = [-1, '', null] as const;

/** Asks the coordinator, and asks again while it, or the one after it, says to wait. */
async function retried<T>(link: Link, request: () => Promise<T>): Promise<T> {
  for (let attempt = 1, wait = FIRST_WAIT_MS; ; attempt++, wait = Math.min(MOST_WAIT_MS, wait * 1.7)) {
    try {
      return await request();
    } catch (error) {
      if (isFenced(error) || !isRetryable(error) || attempt === ATTEMPTS) throw error;
      if (wait > 20) link.forget();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

function partitionsOf(split: readonly Placed[][]): { name: string; partitions: number[] }[] {
  const topics = new Map<string, Set<number>>();
  for (const round of split) {
    for (const { topic, partition } of round) {
      const partitions = topics.get(topic);
      if (partitions === undefined) topics.set(topic, new Set([partition]));
      else partitions.add(partition);
    }
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
}

/**
 * The requests of a transaction as the protocol has them, not the client's Transaction, which knows one group offset a
 * request and needs a consumer. Of those to add partitions the version is that of clients: the newest one is for
 * brokers among themselves, and needs their rights.
 */
class IdHolder implements TransactionalProducer {
  readonly #link: Link;
  readonly #identity: Identity;
  readonly #sent = new NumericMap();

  constructor(link: Link, transactionalId: string, producerId: bigint, producerEpoch: number) {
    this.#link = link;
    this.#identity = { transactionalId, producerId, producerEpoch, sequences: this.#sent };
  }

  async transact(split: readonly Placed[][], move: OffsetMove | null, committing: () => void): Promise<void> {
    if (split.length === 0 && move === null) return;
    try {
      await this.#begin(split, move);
      await settled([this.#send(split), move === null ? null : this.#move(move)]);
    } catch (error) {
      if (!isFenced(error)) await this.#end(false).catch(() => undefined);
      throw error;
    }
    committing();
    await retried(this.#link, () => this.#end(true));
  }

  /** Both requests at once: a coordinator answers what comes over one connection in order. */
  async #begin(split: readonly Placed[][], move: OffsetMove | null): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const topics = partitionsOf(split);
    const added = { transactionalId, producerId, producerEpoch, verifyOnly: false, topics };
    await settled([
      topics.length > 0 && this.#coordinator((connection) => addPartitionsToTxnV3.api.async(connection, [added])),
      move !== null &&
        this.#coordinator((connection) => {
          return addOffsetsToTxnV3.api.async(connection, transactionalId, producerId, producerEpoch, move.groupId);
        }),
    ]);
  }

  async #send(split: readonly Placed[][]): Promise<void> {
    for (const round of split) {
      await produce(this.#link, round, this.#identity);
      for (const { topic, partition } of round) this.#count(`${topic}:${partition}`);
    }
  }

  /** Sequences begin again after the largest int32. */
  #count(place: string): void {
    this.#sent.set(place, (this.#sent.getWithDefault(place, 0) + 1) & 0x7fffffff);
  }

  /** Without a member: the transactional id, not the group's generation, is the fence. */
  async #move({ groupId, topic, partition, nextOffset }: OffsetMove): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const moved = { partitionIndex: partition, committedOffset: BigInt(nextOffset), committedLeaderEpoch: -1 };
    const topics = [{ name: topic, partitions: [moved] }];
    await retried(this.#link, async () => {
      const coordinator = await this.#link.coordinator(GROUP, groupId);
      const holder = [transactionalId, groupId, producerId, producerEpoch] as const;
      return txnOffsetCommitV3.api.async(coordinator, ...holder, ...NO_MEMBER, topics);
    });
  }

  async #end(commit: boolean): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const coordinator = await this.#link.coordinator(TRANSACTION, transactionalId);
    await endTxnV3.api.async(coordinator, transactionalId, producerId, producerEpoch, commit);
  }

  #coordinator<T>(request: (connection: Connection) => Promise<T>): Promise<T> {
    return retried(this.#link, async () => {
      return request(await this.#link.coordinator(TRANSACTION, this.#identity.transactionalId));
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

async function fence(config: KafkaConfig, transactionalId: string): Promise<TransactionalProducer> {
  const link = new Link(config);
  try {
    const { producerId, producerEpoch } = await retried(link, async () => {
      const coordinator = await link.coordinator(TRANSACTION, transactionalId);
      return initProducerIdV4.api.async(coordinator, transactionalId, TRANSACTION_TIMEOUT_MS, -1n, -1);
    });
    return new IdHolder(link, transactionalId, producerId, producerEpoch);
  } catch (error) {
    await link.close().catch(() => undefined);
    throw toPortError(error);
  }
}

export function transactions(config: KafkaConfig): TransactionDriver {
  return {
    maxRecords: Number.POSITIVE_INFINITY,
    brokers: new Directory(config),
    log: logOf(config),
    fence: (transactionalId) => fence(config, transactionalId),
    isFenced,
    isTooLarge,
    toPortError,
  };
}
