import { setTimeout } from 'node:timers/promises';
import { RetryableError } from '../errors.ts';
import { falha } from '../falhas.ts';
import type { Brokers } from './brokers.ts';
import type { Driver, Member, Transaction, TransactionalProducer } from './driver.ts';
import { backoff, RefusedAsTooLargeError } from './errors.ts';
import type { GroupOffsets } from './group-offsets.ts';
import type { Cursor, OutputRecord } from './port.ts';
import { type Laid, largestOf, Placer, releaseAll, type Slice } from './rounds.ts';
import type { KafkaLog } from './settings.ts';

/** The most rounds that share a transaction. */
const GATHERED = 8;

/** Where a round leaves a partition. */
export interface Move extends Cursor {
  /** Whether it is held still, by the member that holds it now: so long nobody else moves the group's offset. */
  isStillOurs: () => boolean;
}

/** What a round asks to be committed. */
interface Ask<S extends Slice> {
  laid: Laid<S>;
  moves: readonly Move[];
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface TransactorOptions {
  groupId: string;
  transactionalId: string;
  member: () => Member;
  log: KafkaLog;
}

const lost = (): Error => new RetryableError('a partição passou a outra instância');

/**
 * The transactions of one member of a group, one at a time: rounds that wait meanwhile share the next one. A zombie is
 * fenced by the group's generation, which goes with the offsets: the broker refuses those of a member that another
 * generation has replaced, and with them the whole transaction.
 */
export class Transactor<S extends Slice> {
  readonly #driver: Driver<S>;
  readonly #offsets: GroupOffsets;
  readonly #placer: Placer<S>;
  readonly #options: TransactorOptions;
  readonly #queue: Ask<S>[] = [];
  #producer: TransactionalProducer<S> | null = null;
  #flushing: Promise<void> | null = null;
  #closed = false;

  constructor(
    driver: Driver<S>,
    { brokers, offsets }: { brokers: Brokers; offsets: GroupOffsets },
    options: TransactorOptions,
  ) {
    this.#driver = driver;
    this.#offsets = offsets;
    this.#options = options;
    this.#placer = new Placer((topic) => brokers.partitions(topic), driver);
  }

  /**
   * Sends `records` and moves the group's offsets, all or nothing.
   * @throws RetryableError nothing was committed; RecordTooLargeError
   */
  async commit(records: Iterable<OutputRecord>, moves: readonly Move[]): Promise<void> {
    const laid = await this.#placer.place(records);
    return new Promise((resolve, reject) => {
      this.#queue.push({ laid, moves, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) await this.#run(this.#queue.splice(0, GATHERED));
    this.#flushing = null;
  }

  async #run(asked: readonly Ask<S>[]): Promise<void> {
    let asks = asked;
    let committing = false;
    try {
      this.#producer ??= await this.#driver.fence(this.#options.transactionalId);
      // From here to the request nothing waits: who holds what, and who we are in the group, belong together.
      asks = asked.filter(({ moves }) => moves.every((move) => move.isStillOurs()));
      for (const ask of asked) if (!asks.includes(ask)) ask.reject(lost());
      if (asks.length === 0) return;
      await this.#producer.transact(this.#transaction(asks), () => {
        committing = true;
        falha('transacao:antes-do-fim');
      });
      falha('transacao:depois-do-fim');
      this.#moved(asks);
    } catch (error) {
      await this.#failed(asks, error as Error, committing);
    } finally {
      for (const ask of asked) releaseAll(ask.laid);
    }
  }

  #transaction(asks: readonly Ask<S>[]): Transaction<S> {
    const { groupId, member } = this.#options;
    const rounds = asks.flatMap((ask) => ask.laid.rounds);
    return { rounds, group: { groupId, member: member(), moves: asks.flatMap((ask) => ask.moves) } };
  }

  #moved(asks: readonly Ask<S>[]): void {
    for (const { moves, resolve } of asks) {
      this.#offsets.moved(moves);
      resolve();
    }
  }

  /** After any error the producer is thrown away: the next one ends what this one left open. */
  async #failed(asks: readonly Ask<S>[], error: Error, committing: boolean): Promise<void> {
    const moves = asks.flatMap((ask) => ask.moves);
    const partitions = moves.map(({ topic, partition }) => `${topic}/${partition}`);
    this.#options.log.warn({ partitions, error: String(error) }, 'transação desfeita');
    await this.#discard();
    try {
      if (committing && (await this.#wasCommitted(moves))) {
        this.#moved(asks);
        return;
      }
      throw error instanceof RefusedAsTooLargeError ? (largestOf(asks.map((ask) => ask.laid)) ?? error) : error;
    } catch (reason) {
      for (const ask of asks) ask.reject(reason as Error);
    }
  }

  /**
   * Of a commit whose answer was lost: the group's offset of any partition tells, for all moved in one transaction; but
   * only of one that is ours still, for another holder would have gone on from there. Asked until it is known, because
   * what was committed must not be sent again, and after a write of our own, because a broker that has just started may
   * answer as of before the commit; of partitions that are all gone nothing is sent again.
   */
  async #wasCommitted(moves: readonly Move[]): Promise<boolean> {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        this.#producer ??= await this.#driver.fence(this.#options.transactionalId);
        const ours = moves.find((move) => move.isStillOurs());
        if (ours === undefined) return false;
        const { groupId, member } = this.#options;
        await this.#producer.touch({ groupId, member: member(), moves: [ours] });
        const offset = await this.#offsets.settled(ours);
        if (ours.isStillOurs()) return offset === ours.offset;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        await this.#discard();
        await setTimeout(backoff(attempt));
      }
    }
    return false;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.close().catch(() => undefined);
  }

  /** From now on the fate of a commit whose answer was lost is left to whoever goes on from the group's offsets. */
  stopping(): void {
    this.#closed = true;
  }

  /** What is under way is answered first. */
  async close(): Promise<void> {
    this.stopping();
    await this.#flushing;
    await this.#discard();
  }
}
