import type { Held, Taken } from './held.ts';
import type { Batch, OutputRecord, Round } from './port.ts';
import type { Slice } from './rounds.ts';
import type { Transactor } from './transactor.ts';

type Committer = Pick<Transactor<Slice>, 'commit'>;

/** A round as its handler sees it. */
export class RoundView implements Round {
  readonly batches: readonly Batch[];
  readonly #transactor: Committer;
  #committed = false;

  constructor(taken: readonly Taken[], owns: (held: Held) => boolean, transactor: Committer) {
    this.#transactor = transactor;
    this.batches = taken.map(({ held, records, next }) => {
      const { topic, partition } = held;
      return { topic, partition, records, next, isStillOurs: () => owns(held) };
    });
  }

  async commit(records: Iterable<OutputRecord>, batches: readonly Batch[] = this.batches): Promise<void> {
    const moves = batches.map(({ topic, partition, next, isStillOurs }) => {
      return { topic, partition, offset: next, isStillOurs };
    });
    await this.#transactor.commit(records, moves);
    this.#committed = true;
  }

  /** @throws Error the handler forgot to: its records would never be handed again, nor ever be committed */
  mustBeCommitted(): void {
    if (!this.#committed) throw new Error('a rodada terminou sem commit');
  }
}
