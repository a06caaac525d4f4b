import type { Held, Taken } from './held.ts';
import type { Batch, OutputRecord, Round } from './port.ts';
import type { Transactor } from './transactor.ts';

/** A round as its handler sees it. */
export class RoundView implements Round {
  readonly batches: readonly Batch[];
  readonly #transactor: Transactor;
  #committed = false;

  constructor(taken: readonly Taken[], owns: (held: Held) => boolean, transactor: Transactor) {
    this.#transactor = transactor;
    this.batches = taken.map(({ held, records, next }) => {
      const { topic, partition } = held;
      return { topic, partition, records, next, isStillOurs: () => owns(held) };
    });
  }

  async commit(records: readonly OutputRecord[], batches: readonly Batch[] = this.batches): Promise<void> {
    const moves = batches.map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
    await this.#transactor.commit(records, moves, () => batches.every((batch) => batch.isStillOurs()));
    this.#committed = true;
  }

  /** @throws Error the handler forgot to: its records would never be handed again, nor ever be committed */
  mustBeCommitted(): void {
    if (!this.#committed) throw new Error('a rodada terminou sem commit');
  }
}
