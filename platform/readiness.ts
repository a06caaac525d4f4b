import { RetryableError } from './errors.ts';

const PAUSE_MS = 500;

/** What a service waits for, part by part: it is ready when it waits for nothing. */
export class Readiness {
  readonly #causes = new Map<string, string>();

  /** @param cause null: this part waits no more */
  set(part: string, cause: Error | string | null): void {
    if (cause === null) this.#causes.delete(part);
    else this.#causes.set(part, cause instanceof Error ? cause.message : cause);
  }

  /** Everything waited for, in Portuguese; null: ready. */
  cause(): string | null {
    if (this.#causes.size === 0) return null;
    return [...this.#causes].map(([part, cause]) => `${part}: ${cause}`).join('; ');
  }

  /** Runs `start` until the servers it needs answer: a service may be up before them. */
  async until<T>(part: string, start: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const started = await start();
        this.set(part, null);
        return started;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        this.set(part, error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }
}
