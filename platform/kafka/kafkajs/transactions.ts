import { type Producer as KafkaJsProducer, type Transaction as KafkaJsTransaction, Partitioners } from 'kafkajs';
import { falha } from '../../falhas.ts';
import type { GroupMove, Transaction, TransactionalProducer } from '../driver.ts';
import type { Cursor } from '../port.ts';
import { type KafkaConfig, TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import { newClient, SEND_ONCE } from './client.ts';
import { toPortError } from './errors.ts';
import { transactAs } from './internals.ts';
import { byTopic, expectAnswered, type MessageSlice } from './records.ts';

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
        for (const round of rounds) {
          expectAnswered(round, await transaction.sendBatch({ acks: -1, topicMessages: byTopic(round) }));
        }
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

  async #move(transaction: KafkaJsTransaction, { groupId, member, moves }: GroupMove): Promise<void> {
    transactAs(this.#transactionalId, member);
    await transaction.sendOffsets({ consumerGroupId: groupId, topics: topicsOf(moves) });
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
    retry: SEND_ONCE,
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
