import { type Producer as KafkaJsProducer, Partitioners } from 'kafkajs';
import { within } from '../../within.ts';
import { Attempts } from '../attempts.ts';
import type { Sending } from '../driver.ts';
import type { KafkaConfig } from '../settings.ts';
import { newClient, RETRY, SEND_ONCE } from './client.ts';
import { toPortError } from './errors.ts';
import { byTopic, expectAnswered, type MessageSlice } from './records.ts';

/** Milliseconds that the answers to what was asked are waited for, over connections that are given up. */
const LAST_ANSWERS_MS = 5_000;
/** The same, of a process that ends. */
const CLOSE_MS = 1_000;

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
    // What it had connected keeps its timers, and with them the process.
    await disconnected(producer, CLOSE_MS);
    throw toPortError(error);
  }
}

/** kafkajs waits for the answers to what is under way, in some cases for ever. */
async function disconnected(producer: KafkaJsProducer, patience: number): Promise<void> {
  await within(patience, producer.disconnect(), () => new Error('ainda há pedidos')).catch(() => undefined);
}

/** Outside a transaction what is sent twice does no harm: after an error the whole round is sent again. */
class Sender implements Sending<MessageSlice> {
  readonly #config: KafkaConfig;
  readonly #attempts: Attempts;
  #producer: KafkaJsProducer | null;

  constructor(config: KafkaConfig, producer: KafkaJsProducer, attempts: number) {
    this.#config = config;
    this.#attempts = new Attempts(attempts);
    this.#producer = producer;
  }

  send(round: readonly MessageSlice[]): Promise<void> {
    return this.#attempts.make(
      () => this.#sendOnce(round),
      () => this.#forget(),
    );
  }

  async #sendOnce(round: readonly MessageSlice[]): Promise<void> {
    try {
      const producer = this.#producer ?? (await connected(this.#config));
      this.#producer = producer;
      // Nobody waits for it any more, and nobody else would close it.
      if (this.#attempts.ended) return await this.#disconnect(CLOSE_MS);
      const topicMessages = byTopic(round);
      expectAnswered(round, await producer.sendBatch({ acks: -1, timeout: 30_000, topicMessages }));
    } catch (error) {
      throw toPortError(error);
    }
  }

  /**
   * Of a broker that does not answer kafkajs goes on to believe that it leads: a new producer asks. One broker's error is
   * told while others still have what they were sent: what comes over new connections must not overtake that.
   */
  #forget(): Promise<void> {
    return this.#disconnect(LAST_ANSWERS_MS);
  }

  async #disconnect(patience: number): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer !== null) await disconnected(producer, patience);
  }

  async close(): Promise<void> {
    this.#attempts.end();
    await this.#disconnect(CLOSE_MS);
  }
}

export async function newSending(config: KafkaConfig, once: boolean): Promise<Sending<MessageSlice>> {
  return new Sender(config, await connected(config), once ? 1 : RETRY.retries + 1);
}
