import { RetryableError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import type { Driver, TransactionalProducer } from './driver.ts';
import { RefusedAsTooLargeError } from './errors.ts';
import type { OutputRecord, Producer } from './port.ts';
import { Placer, releaseAll, type Slice } from './rounds.ts';

/** The port's exclusive producer: a transaction for each `send`, under an id that it holds alone. */
class ExclusiveProducer<S extends Slice> implements Producer {
  readonly #brokers: Brokers;
  readonly #holder: TransactionalProducer<S>;
  readonly #placer: Placer<S>;

  constructor(brokers: Brokers, holder: TransactionalProducer<S>, placer: Placer<S>) {
    this.#brokers = brokers;
    this.#holder = holder;
    this.#placer = placer;
  }

  async send(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return;
    const laid = await this.#placer.place(records);
    let committing = false;
    try {
      await this.#holder.transact({ rounds: laid.rounds, group: null }, () => {
        committing = true;
      });
    } catch (error) {
      // Of a holder replaced while it commits, brokers (4.3) answer UNKNOWN_SERVER_ERROR too: all that is known is that
      // nothing is.
      if (committing) throw new RetryableError('não se sabe se a transação foi gravada', { cause: error });
      throw error instanceof RefusedAsTooLargeError ? (laid.largest ?? error) : error;
    } finally {
      releaseAll(laid);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#holder.close(), this.#brokers.close()]);
  }
}

/** Takes `transactionalId` from whoever holds it. @throws RetryableError */
export async function takeExclusive<S extends Slice>(driver: Driver<S>, transactionalId: string): Promise<Producer> {
  const holder = await driver.fence(transactionalId);
  const brokers = driver.brokers();
  return new ExclusiveProducer(brokers, holder, new Placer((topic) => brokers.partitions(topic), driver));
}
