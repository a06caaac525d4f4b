import { type Held, queuedBytes } from './held.ts';

/** From the beginning of a round to that of the next, at least, while there is little to hand. */
const LEAST_MS = 20;
/** With this much at hand, as it came, a round is worth its cost at once. */
const ENOUGH_BYTES = 256 * 1024;

/**
 * When rounds begin. Each has a cost that does not depend on what it holds: requests, markers in every partition it
 * touches. Where little trickles in, the next one waits until as much time has passed as the last one took: what is
 * slow, because the machine is busy, is asked less often, for more at once.
 */
export class Rhythm {
  #began = Number.NEGATIVE_INFINITY;
  #took = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param again called when a round that must wait may begin */
  mayBegin(free: readonly Held[], again: () => void): boolean {
    const wait = this.#began + Math.max(LEAST_MS, this.#took) - performance.now();
    if (wait <= 0 || free.reduce((bytes, held) => bytes + queuedBytes(held), 0) >= ENOUGH_BYTES) return true;
    // Anew: what was waited for before may be longer than what is now.
    this.stop();
    this.#timer = setTimeout(again, wait);
    return false;
  }

  /** @returns to be called at the end of the round */
  begins(): () => void {
    const began = performance.now();
    this.#began = began;
    return () => {
      this.#took = performance.now() - began;
    };
  }

  stop(): void {
    clearTimeout(this.#timer ?? undefined);
  }
}
