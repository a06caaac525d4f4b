import { type Producer as KafkaJsProducer, Partitioners, type Transaction } from 'kafkajs';
import { FencedError } from '../../errors.ts';
import type { OutputRecord, TopicPartition, Transactor } from '../port.ts';
import { type KafkaConfig, logOf, newClient } from './client.ts';
import { Directory, READ_UNCOMMITTED } from './directory.ts';
import { isConcurrentTransaction, isFenced, isTooLarge, toPortError } from './errors.ts';
import { tooLarge } from './producer.ts';
import { byTopic, type Placed, rounds } from './rounds.ts';

/** The broker writes a transaction's markers after it has answered: for some milliseconds the next one must wait. */
const TRANSACTION_RETRY = { initialRetryTime: 8, maxRetryTime: 250, factor: 0.2, multiplier: 1.6, retries: 10 };
/** Readers of committed records wait this long, at most, for a transaction left open by a process that died. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const ADD_OFFSETS_ATTEMPTS = 20;

/** A transactional id held. `position` is the group's offset as this holder last read or moved it. */
interface Hold {
  producer: KafkaJsProducer;
  position: number | null;
  /** The offset a transaction of unknown outcome meant to move to. */
  doubtful: number | null;
  broken: boolean;
}

class KafkaJsTransactor implements Transactor {
  readonly #config: KafkaConfig;
  readonly #prefix: string;
  readonly #groupId: string;
  readonly #directory: Directory;
  readonly #holds = new Map<string, Hold>();

  constructor(config: KafkaConfig, prefix: string, groupId: string) {
    this.#config = config;
    this.#prefix = prefix;
    this.#groupId = groupId;
    this.#directory = new Directory(config);
  }

  async acquire(source: TopicPartition): Promise<number> {
    await this.release(source);
    const producer = await this.#fence(source);
    const position = await this.#position(source);
    this.#holds.set(idOf(source), { producer, position, doubtful: null, broken: false });
    if (position !== null) return position;
    const bounds = await this.#directory.bounds(source.topic, READ_UNCOMMITTED);
    return bounds.find((b) => b.partition === source.partition)?.low ?? 0;
  }

  async run(source: TopicPartition, records: readonly OutputRecord[], nextOffset?: number): Promise<void> {
    const hold = this.#holds.get(idOf(source));
    if (hold === undefined) throw new FencedError(`${idOf(source)} não é desta instância`);
    if (hold.broken) await this.#recover(source, hold);
    const placed = await this.#directory.place(records);
    const split = rounds(placed);
    try {
      await this.#transact(hold, source, split, nextOffset);
      if (nextOffset !== undefined) hold.position = nextOffset;
    } catch (error) {
      await this.#failed(source, hold, error, placed);
    }
  }

  async #transact(hold: Hold, source: TopicPartition, split: Placed[][], nextOffset?: number): Promise<void> {
    const transaction = await hold.producer.transaction();
    try {
      for (const round of split) await transaction.sendBatch({ acks: -1, topicMessages: byTopic(round) });
      if (nextOffset !== undefined) await this.#sendOffset(transaction, source, nextOffset);
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      throw error;
    }
    hold.doubtful = nextOffset ?? null;
    await transaction.commit();
    hold.doubtful = null;
  }

  /** kafkajs does not retry the request that adds the group to the transaction. */
  async #sendOffset(transaction: Transaction, source: TopicPartition, nextOffset: number): Promise<void> {
    const partitions = [{ partition: source.partition, offset: String(nextOffset) }];
    const topics = [{ topic: source.topic, partitions }];
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction.sendOffsets({ consumerGroupId: this.#groupId, topics });
      } catch (error) {
        if (!isConcurrentTransaction(error) || attempt === ADD_OFFSETS_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
      }
    }
  }

  /**
   * After any error the producer is thrown away. Where the commit itself failed its outcome is unknown, and the group's
   * offset tells it: it moved in the same transaction.
   */
  async #failed(source: TopicPartition, hold: Hold, error: unknown, placed: readonly Placed[]): Promise<void> {
    hold.broken = true;
    const doubtful = hold.doubtful;
    if (isFenced(error)) {
      await this.release(source);
      throw new FencedError(`${idOf(source)} passou a outra instância`, { cause: error });
    }
    logOf(this.#config).warn({ ...source, error: String(error) }, 'transação desfeita');
    if (doubtful !== null) {
      await this.#recover(source, hold, true);
      if (hold.position === doubtful) return;
    }
    if (isTooLarge(error)) throw tooLarge(placed);
    throw toPortError(error);
  }

  /**
   * A new producer under the same id ends what the old one left open. Taking the id back could fence the rightful
   * holder: only while the group's offset is where this one left it is the partition still ours.
   */
  async #recover(source: TopicPartition, hold: Hold, acceptDoubtful = false): Promise<void> {
    await quietly(hold.producer.disconnect());
    const position = await this.#position(source);
    if (position !== hold.position && position !== hold.doubtful) await this.#lost(source);
    hold.producer = await this.#fence(source);
    const settled = await this.#position(source);
    const moved = settled !== hold.position;
    if (moved && !(acceptDoubtful && settled === hold.doubtful)) await this.#lost(source);
    hold.position = settled;
    hold.doubtful = null;
    hold.broken = false;
  }

  async #lost(source: TopicPartition): Promise<never> {
    await this.release(source);
    throw new FencedError(`a posição de ${idOf(source)} foi movida por outra instância`);
  }

  /** Initialises a producer, which ends the transactions of its predecessors and fences them. */
  async #fence(source: TopicPartition): Promise<KafkaJsProducer> {
    const producer = newClient(this.#config).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      transactionalId: `${this.#prefix}-${idOf(source)}`,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      retry: TRANSACTION_RETRY,
    });
    try {
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.abort();
      return producer;
    } catch (error) {
      await quietly(producer.disconnect());
      throw toPortError(error);
    }
  }

  async #position(source: TopicPartition): Promise<number | null> {
    const committed = await this.#directory.committed(this.#groupId, source.topic, [source.partition]);
    return committed.get(source.partition) ?? null;
  }

  async release(source: TopicPartition): Promise<void> {
    const hold = this.#holds.get(idOf(source));
    this.#holds.delete(idOf(source));
    if (hold !== undefined) await quietly(hold.producer.disconnect());
  }

  async close(): Promise<void> {
    const holds = [...this.#holds.values()];
    this.#holds.clear();
    await Promise.all([...holds.map((hold) => quietly(hold.producer.disconnect())), this.#directory.close()]);
  }
}

function idOf(source: TopicPartition): string {
  return `${source.topic}-${source.partition}`;
}

async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}

/**
 * One transactional id for each input partition: kafkajs knows no group metadata in transactions, so the id is the
 * only fence between an instance and its zombie.
 */
export async function newTransactor(config: KafkaConfig, prefix: string, groupId: string): Promise<Transactor> {
  return new KafkaJsTransactor(config, prefix, groupId);
}
