import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type Connection,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import { allOf } from '../../all-of.ts';
import { RetryableError } from '../../errors.ts';
import { falha } from '../../falhas.ts';
import type { GroupMove, Transaction, TransactionalProducer } from '../driver.ts';
import type { Cursor } from '../port.ts';
import { type KafkaConfig, TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import type { PackedSlice } from './encode.ts';
import { isFenced, isOtherInstance, isRetryable, toPortError } from './errors.ts';
import { GROUP, Link, TRANSACTION } from './link.ts';
import { type Identity, placeOf, produce } from './produce.ts';

/** The broker writes a transaction's markers after it has answered: for some milliseconds the next one must wait. */
const FIRST_WAIT_MS = 2;
const MOST_WAIT_MS = 250;
const ATTEMPTS = 16;

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

function partitionsOf(rounds: Transaction<PackedSlice>['rounds']): { name: string; partitions: number[] }[] {
  const topics = new Map<string, Set<number>>();
  for (const { topic, partition } of rounds.flat()) {
    const partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, new Set([partition]));
    else partitions.add(partition);
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
}

/** Cursors as the requests about a group's offsets have them. */
export function offsetsOf(cursors: readonly Cursor[]) {
  return [...Map.groupBy(cursors, ({ topic }) => topic)].map(([name, of]) => {
    const partitions = of.map(({ partition, offset }) => {
      return { partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 };
    });
    return { name, partitions };
  });
}

/**
 * Our own joining again, after a silence, makes us another member under the same name too. Whether there is another
 * process is for the group to say, at the next heartbeat; the transaction is undone either way.
 */
function portErrorOf(error: unknown): Error {
  if (!isOtherInstance(error)) return toPortError(error);
  return new RetryableError('o grupo tem outro membro com este nome', { cause: error });
}

/**
 * The requests of a transaction as the protocol has them, not the client's Transaction, which knows one group offset a
 * request and needs a consumer. Of those to add partitions the version is that of clients: the newest one is for
 * brokers among themselves, and needs their rights.
 */
class IdHolder implements TransactionalProducer<PackedSlice> {
  readonly #link: Link;
  readonly #identity: Identity;

  constructor(link: Link, transactionalId: string, producerId: bigint, producerEpoch: number) {
    this.#link = link;
    this.#identity = { transactionalId, producerId, producerEpoch, sequences: new Map() };
  }

  async transact({ rounds, group }: Transaction<PackedSlice>, committing: () => void): Promise<void> {
    try {
      try {
        await this.#begin(rounds, group?.groupId ?? null);
        await allOf<unknown>([this.#send(rounds), group !== null && this.#move(group)]);
      } catch (error) {
        // Also where the group has replaced us: left open, it would hold up everybody who reads what is committed, until
        // its time is over. Where the id itself is another's by now, this is refused.
        await this.#end(false).catch(() => undefined);
        throw error;
      }
      committing();
      await retried(this.#link, () => this.#end(true));
    } catch (error) {
      throw portErrorOf(error);
    }
  }

  async touch(group: GroupMove): Promise<void> {
    try {
      await this.#begin([], group.groupId);
      await this.#move(group);
      await retried(this.#link, () => this.#end(false));
    } catch (error) {
      throw portErrorOf(error);
    }
  }

  /** Both requests at once: a coordinator answers what comes over one connection in order. */
  async #begin(rounds: Transaction<PackedSlice>['rounds'], groupId: string | null): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const topics = partitionsOf(rounds);
    const added = { transactionalId, producerId, producerEpoch, verifyOnly: false, topics };
    await allOf<unknown>([
      topics.length > 0 && this.#coordinator((connection) => addPartitionsToTxnV3.api.async(connection, [added])),
      groupId !== null &&
        this.#coordinator((connection) => {
          return addOffsetsToTxnV3.api.async(connection, transactionalId, producerId, producerEpoch, groupId);
        }),
    ]);
  }

  async #send(rounds: Transaction<PackedSlice>['rounds']): Promise<void> {
    for (const round of rounds) {
      await produce(this.#link, round, this.#identity);
      for (const slice of round) this.#count(slice);
      falha('transacao:enviada');
    }
  }

  /** Sequences begin again after the largest int32. */
  #count(slice: PackedSlice): void {
    const { sequences } = this.#identity;
    const before = sequences.get(placeOf(slice)) ?? 0;
    sequences.set(placeOf(slice), (before + slice.count) & 0x7fffffff);
  }

  /** With the member and its generation, which is the fence. */
  async #move({ groupId, member, moves }: GroupMove): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const { generation, memberId, instanceId } = member;
    await retried(this.#link, async () => {
      const coordinator = await this.#link.coordinator(GROUP, groupId);
      const holder = [transactionalId, groupId, producerId, producerEpoch] as const;
      const who = [generation, memberId, instanceId] as const;
      return txnOffsetCommitV3.api.async(coordinator, ...holder, ...who, offsetsOf(moves));
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

/** Initialises the id: what its former holder left open ends, and its requests are refused from now on. */
export async function fence(config: KafkaConfig, transactionalId: string): Promise<TransactionalProducer<PackedSlice>> {
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
