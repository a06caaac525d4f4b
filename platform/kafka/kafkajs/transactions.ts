import { type Producer as KafkaJsProducer, Partitioners, type Transaction } from 'kafkajs';
import type { Placed } from '../rounds.ts';
import { type KafkaConfig, logOf, TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import type { OffsetMove, TransactionalProducer, TransactionDriver } from '../transactor.ts';
import { newClient } from './client.ts';
import { Directory } from './directory.ts';
import { isConcurrentTransaction, isFenced, isTooLarge, toPortError } from './errors.ts';
import { byTopic, MAX_RECORDS } from './producer.ts';

/** The broker writes a transaction's markers after it has answered: for some milliseconds the next one must wait. */
const TRANSACTION_RETRY = { initialRetryTime: 8, maxRetryTime: 250, factor: 0.2, multiplier: 1.6, retries: 10 };
const ADD_OFFSETS_ATTEMPTS = 20;

/** kafkajs knows no group metadata in transactions: the id alone is the fence. */
class KafkaJsTransactions implements TransactionalProducer {
  readonly #producer: KafkaJsProducer;

  constructor(producer: KafkaJsProducer) {
    this.#producer = producer;
  }

  async transact(split: readonly Placed[][], move: OffsetMove | null, committing: () => void): Promise<void> {
    const transaction = await this.#producer.transaction();
    try {
      for (const round of split) await transaction.sendBatch({ acks: -1, topicMessages: byTopic(round) });
      if (move !== null) await this.#sendOffset(transaction, move);
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      throw error;
    }
    committing();
    await transaction.commit();
  }

  /** kafkajs does not retry the request that adds the group to the transaction. */
  async #sendOffset(transaction: Transaction, { topic, partition, groupId, nextOffset }: OffsetMove): Promise<void> {
    const topics = [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }];
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction.sendOffsets({ consumerGroupId: groupId, topics });
      } catch (error) {
        if (!isConcurrentTransaction(error) || attempt === ADD_OFFSETS_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
      }
    }
  }

  close(): Promise<void> {
    return this.#producer.disconnect();
  }
}

/** Initialises a producer, which ends the transactions of its predecessors and fences them. */
async function fence(config: KafkaConfig, transactionalId: string): Promise<TransactionalProducer> {
  const producer = newClient(config).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    transactionalId,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    retry: TRANSACTION_RETRY,
  });
  try {
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.abort();
    return new KafkaJsTransactions(producer);
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw toPortError(error);
  }
}

export function transactions(config: KafkaConfig): TransactionDriver {
  return {
    maxRecords: MAX_RECORDS,
    brokers: new Directory(config),
    log: logOf(config),
    fence: (transactionalId) => fence(config, transactionalId),
    isFenced,
    isTooLarge,
    toPortError,
  };
}
