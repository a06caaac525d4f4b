import { nameOf } from '../held.ts';
import type { TopicPartition } from '../port.ts';

/** So long a replica is read from before the leader is asked again which one is the nearest. */
const LEASE_MS = 300_000;
/** After something failed, leaders alone are read from for this long: the one named may be the one that died. */
const CAUTION_MS = 10_000;

/**
 * The replicas that leaders named as nearer than themselves to the rack we are in (KIP-392): a leader that is told a rack
 * answers with a name instead of records where it has a replica there that is in sync.
 */
export class Nearest {
  readonly #rack: string;
  readonly #now: () => number;
  readonly #named = new Map<string, { node: number; until: number }>();
  #cautiousUntil = 0;

  /** @param now milliseconds, of whatever clock goes on evenly */
  constructor(rack: string | null | undefined, now: () => number = () => performance.now()) {
    this.#rack = rack ?? '';
    this.#now = now;
  }

  /** What to tell a broker; empty: nothing, so that it answers by itself. */
  get rack(): string {
    return this.#now() < this.#cautiousUntil ? '' : this.#rack;
  }

  /** The replica to read a partition from; null: its leader. */
  of(tp: TopicPartition): number | null {
    const found = this.#named.get(nameOf(tp));
    return found !== undefined && this.#now() < found.until ? found.node : null;
  }

  names(tp: TopicPartition, node: number): void {
    this.#named.set(nameOf(tp), { node, until: this.#now() + LEASE_MS });
  }

  forget(): void {
    if (this.#named.size > 0) this.#cautiousUntil = this.#now() + CAUTION_MS;
    this.#named.clear();
  }
}
