import { type Producer as KafkaJsProducer, Partitioners } from 'kafkajs';
import { RetryableError } from '../../errors.ts';
import type { Sending } from '../driver.ts';
import { backoff } from '../errors.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY, SEND_ONCE } from './client.ts';
import { toPortError } from './errors.ts';
import { byTopic, expectAnswered, type MessageSlice } from './records.ts';

async function connected(config: KafkaConfig): Promise<KafkaJsProducer> {
  const producer = newClient(config).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    idempotent: false,
    retry: SEND_ONCE,
  });
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    throw toPortError(error);
  }
}

/** Outside a transaction what is sent twice does no harm: after an error the whole round is sent again. */
class Sender implements Sending<MessageSlice> {
  readonly #config: KafkaConfig;
  readonly #retries: number;
  #producer: KafkaJsProducer | null;

  constructor(config: KafkaConfig, producer: KafkaJsProducer, retries: number) {
    this.#config = config;
    this.#retries = retries;
    this.#producer = producer;
  }

  async send(round: readonly MessageSlice[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        this.#producer ??= await connected(this.#config);
        const topicMessages = byTopic(round);
        expectAnswered(round, await this.#producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages }));
        return;
      } catch (cause) {
        const error = toPortError(cause);
        if (!(error instanceof RetryableError)) throw error;
        this.#forget();
        if (attempt === this.#retries) throw error;
        await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /** Of a broker that does not answer kafkajs goes on to believe that it leads: a new producer asks. */
  #forget(): void {
    this.#producer?.disconnect().catch(() => undefined);
    this.#producer = null;
  }

  async close(): Promise<void> {
    await this.#producer?.disconnect();
  }
}

export async function newSending(config: KafkaConfig, once: boolean): Promise<Sending<MessageSlice>> {
  return new Sender(config, await connected(config), once ? 0 : RETRY.retries);
}
