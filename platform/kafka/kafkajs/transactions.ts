import { type Producer as KafkaJsProducer, type Transaction as KafkaJsTransaction, Partitioners } from 'kafkajs';
import { falha } from '../../falhas.ts';
import type { GroupMove, Transaction, TransactionalProducer } from '../driver.ts';
import type { Cursor } from '../port.ts';
import { type KafkaConfig, TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import { newClient } from './client.ts';
import { isConcurrentTransaction, toPortError } from './errors.ts';
import { transactAs } from './internals.ts';
import { byTopic, type MessageSlice } from './records.ts';

/** The broker writes a transaction's markers after it has answered: for some milliseconds the next one must wait. */
const TRANSACTION_RETRY = { initialRetryTime: 8, maxRetryTime: 250, factor: 0.2, multiplier: 1.6, retries: 10 };
const ADD_OFFSETS_ATTEMPTS = 20;

function topicsOf(moves: readonly Cursor[]) {
  return [...Map.groupBy(moves, ({ topic }) => topic)].map(([topic, of]) => {
    return { topic, partitions: of.map(({ partition, offset }) => ({ partition, offset: String(offset) })) };
  });
}

class IdHolder implements TransactionalProducer<MessageSlice> {
  readonly #producer: KafkaJsProducer;
  readonly #transactionalId: string;

  constructor(producer: KafkaJsProducer, transactionalId: string) {
    this.#producer = producer;
    this.#transactionalId = transactionalId;
  }

  async transact({ rounds, group }: Transaction<MessageSlice>, committing: () => void): Promise<void> {
    try {
      const transaction = await this.#producer.transaction();
      try {
        for (const round of rounds) await transaction.sendBatch({ acks: -1, topicMessages: byTopic(round) });
        falha('transacao:enviada');
        if (group !== null) await this.#move(transaction, group);
      } catch (error) {
        await transaction.abort().catch(() => undefined);
        throw error;
      }
      committing();
      await transaction.commit();
    } catch (error) {
      throw toPortError(error);
    }
  }

  async touch(group: GroupMove): Promise<void> {
    try {
      const transaction = await this.#producer.transaction();
      await this.#move(transaction, group);
      await transaction.abort();
    } catch (error) {
      throw toPortError(error);
    }
  }

  /** kafkajs does not retry the request that adds the group to the transaction. */
  async #move(transaction: KafkaJsTransaction, { groupId, member, moves }: GroupMove): Promise<void> {
    transactAs(this.#transactionalId, member);
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction.sendOffsets({ consumerGroupId: groupId, topics: topicsOf(moves) });
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
export async function fence(
  config: KafkaConfig,
  transactionalId: string,
): Promise<TransactionalProducer<MessageSlice>> {
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
    return new IdHolder(producer, transactionalId);
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw toPortError(error);
  }
}
