import { RetryableError } from '../errors.ts';
import { backoff } from './errors.ts';

/** Work that is done again while servers are away, until nobody waits for it any more. */
export class Attempts {
  readonly #most: number;
  readonly #waiting = new Set<(error: Error) => void>();
  #ended = false;

  constructor(most: number) {
    this.#most = most;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Does `work`, which fails in port errors, and does it again after an error that trying again may cure.
   * @param failed what is to be done after each such error
   * @throws RetryableError it was ended meanwhile: whether the work was done is not known
   */
  async make(work: () => Promise<void>, failed: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#unlessEnded(work());
      } catch (error) {
        if (!(error instanceof RetryableError) || this.#ended) throw error;
        await this.#unlessEnded(failed());
        if (attempt === this.#most) throw error;
        await this.#unlessEnded(new Promise((resolve) => setTimeout(resolve, backoff(attempt))));
      }
    }
  }

  /** What is under way fails at once, and so does what comes. */
  end(): void {
    this.#ended = true;
    for (const reject of this.#waiting) reject(endedError());
  }

  /** A race of its own each time: one against a promise that lasts would keep what every race came to. */
  #unlessEnded<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    if (this.#ended) reject(endedError());
    return Promise.race([work, promise]).finally(() => this.#waiting.delete(reject));
  }
}

function endedError(): RetryableError {
  return new RetryableError('o envio terminou antes de o Kafka confirmar');
}
