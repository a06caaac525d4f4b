import { CodedError, RetryableError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import { nameOf } from './held.ts';
import type { Cursor, TopicPartition } from './port.ts';

/** What is answered for so long is so: somebody took an empty group back, or the log is another one. */
const PATIENCE_MS = 120_000;
/** Answers further apart than this are not of the same wait. */
const APART_MS = 60_000;

/**
 * A group's offsets, for a member that moves them. Right after its start a broker may answer from a state of the group
 * that is older than its own log, until the group is written to (seen with 4.3.1 after a kill -9: no offset at all for
 * some 100 ms): a process that lives never goes back behind what it moved itself.
 */
export class GroupOffsets {
  readonly #brokers: Pick<Brokers, 'settled'>;
  readonly #groupId: string;
  readonly #moved = new Map<string, number>();
  /** Where the answers are behind: since when, and when they were last. */
  readonly #behind = new Map<string, { since: number; last: number }>();

  constructor(brokers: Pick<Brokers, 'settled'>, groupId: string) {
    this.#brokers = brokers;
    this.#groupId = groupId;
  }

  /** These were acknowledged. Others may move them on later, and nobody back while the group has members. */
  moved(cursors: readonly Cursor[]): void {
    for (const cursor of cursors) this.#moved.set(nameOf(cursor), cursor.offset);
  }

  /**
   * The offset to go on from; null where there is none.
   * @throws RetryableError it is not known yet; CodedError POSICAO_FORA_DO_LOG it is behind what was moved, and stays there
   */
  async settled(tp: TopicPartition): Promise<number | null> {
    const told = await this.#brokers.settled(this.#groupId, tp);
    const moved = this.#moved.get(nameOf(tp)) ?? 0;
    if ((told ?? 0) >= moved) return told;
    const what = `o grupo está em ${told ?? 0} de ${nameOf(tp)}, que movemos para ${moved}`;
    if (this.#behindForLong(nameOf(tp))) throw new CodedError('POSICAO_FORA_DO_LOG', `${what}: alguém o fez voltar`);
    throw new RetryableError(what);
  }

  #behindForLong(name: string): boolean {
    const now = performance.now();
    const before = this.#behind.get(name);
    const since = before !== undefined && now - before.last < APART_MS ? before.since : now;
    this.#behind.set(name, { since, last: now });
    return now - since > PATIENCE_MS;
  }
}
