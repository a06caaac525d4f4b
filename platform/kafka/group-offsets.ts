import { RetryableError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import { nameOf } from './held.ts';
import type { Cursor, TopicPartition } from './port.ts';

/**
 * A group's offsets, for a member that moves them. Right after its start a broker may answer from a state of the group
 * that is older than its own log, until the group is written to (seen with 4.3.1 after a kill -9: no offset at all for
 * some 100 ms): a process that lives never goes back behind what it moved itself.
 */
export class GroupOffsets {
  readonly #brokers: Pick<Brokers, 'settled'>;
  readonly #groupId: string;
  readonly #moved = new Map<string, number>();

  constructor(brokers: Pick<Brokers, 'settled'>, groupId: string) {
    this.#brokers = brokers;
    this.#groupId = groupId;
  }

  /** These were acknowledged. Others may move them on later, and nobody back while the group has members. */
  moved(cursors: readonly Cursor[]): void {
    for (const cursor of cursors) this.#moved.set(nameOf(cursor), cursor.offset);
  }

  /** The offset to go on from; null where there is none. @throws RetryableError it is not known yet */
  async settled(tp: TopicPartition): Promise<number | null> {
    const told = await this.#brokers.settled(this.#groupId, tp);
    const moved = this.#moved.get(nameOf(tp)) ?? 0;
    if ((told ?? 0) >= moved) return told;
    throw new RetryableError(`o grupo ainda está em ${told ?? 0} de ${nameOf(tp)}, que movemos para ${moved}`);
  }
}
