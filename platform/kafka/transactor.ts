import { FencedError } from '../errors.ts';
import { type Brokers, READ_UNCOMMITTED } from './brokers.ts';
import type { OutputRecord, TopicPartition, Transactor } from './port.ts';
import { type Placed, Placer, rounds, tooLarge } from './rounds.ts';
import type { KafkaLog } from './settings.ts';

/** The group's offset that a transaction moves. */
export interface OffsetMove extends TopicPartition {
  groupId: string;
  nextOffset: number;
}

/** A transactional id held, in the words of a client library. */
export interface TransactionalProducer {
  /**
   * One transaction: sends the rounds in turn, moves the group's offset and commits. `committing` is called right before
   * the commit is asked for; an error before it has aborted the transaction, or left that to the next holder.
   */
  transact(split: readonly Placed[][], move: OffsetMove | null, committing: () => void): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionDriver {
  /** The most records of one partition in a send. */
  readonly maxRecords: number;
  readonly brokers: Brokers;
  readonly log: KafkaLog;
  /** Takes the id, ending what its former holder left open and fencing it. @throws port errors */
  fence(transactionalId: string): Promise<TransactionalProducer>;
  isFenced(error: unknown): boolean;
  isTooLarge(error: unknown): boolean;
  toPortError(error: unknown): Error;
}

/** `position` is the group's offset as this holder last read or moved it. */
interface Hold {
  producer: TransactionalProducer;
  position: number | null;
  /** The offset a transaction of unknown outcome meant to move to. */
  doubtful: number | null;
  broken: boolean;
}

/**
 * One transactional id for each input partition. It is the fence between an instance and its zombie, whatever the
 * client knows of the group's generation.
 */
export class FencedTransactor implements Transactor {
  readonly #driver: TransactionDriver;
  readonly #prefix: string;
  readonly #groupId: string;
  readonly #placer: Placer;
  readonly #holds = new Map<string, Hold>();

  constructor(driver: TransactionDriver, prefix: string, groupId: string) {
    this.#driver = driver;
    this.#prefix = prefix;
    this.#groupId = groupId;
    this.#placer = new Placer((topic) => driver.brokers.partitions(topic));
  }

  async acquire(source: TopicPartition): Promise<number> {
    await this.release(source);
    const producer = await this.#fence(source);
    const position = await this.#position(source);
    this.#holds.set(idOf(source), { producer, position, doubtful: null, broken: false });
    if (position !== null) return position;
    const bounds = await this.#driver.brokers.bounds(source.topic, READ_UNCOMMITTED);
    return bounds.find((b) => b.partition === source.partition)?.low ?? 0;
  }

  async run(source: TopicPartition, records: readonly OutputRecord[], nextOffset?: number): Promise<void> {
    const hold = this.#holds.get(idOf(source));
    if (hold === undefined) throw new FencedError(`${idOf(source)} não é desta instância`);
    if (hold.broken) await this.#recover(source, hold);
    const placed = await this.#placer.place(records);
    const split = rounds(placed, this.#driver.maxRecords);
    const { topic, partition } = source;
    const move = nextOffset === undefined ? null : { topic, partition, groupId: this.#groupId, nextOffset };
    try {
      await hold.producer.transact(split, move, () => {
        hold.doubtful = nextOffset ?? null;
      });
      hold.doubtful = null;
      if (nextOffset !== undefined) hold.position = nextOffset;
    } catch (error) {
      await this.#failed(source, hold, error, placed);
    }
  }

  /**
   * After any error the producer is thrown away. Where the commit itself failed its outcome is unknown, and the group's
   * offset tells it: it moved in the same transaction.
   */
  async #failed(source: TopicPartition, hold: Hold, error: unknown, placed: readonly Placed[]): Promise<void> {
    hold.broken = true;
    const doubtful = hold.doubtful;
    if (this.#driver.isFenced(error)) {
      await this.release(source);
      throw new FencedError(`${idOf(source)} passou a outra instância`, { cause: error });
    }
    const { topic, partition } = source;
    this.#driver.log.warn({ topic, partition, error: String(error) }, 'transação desfeita');
    if (doubtful !== null) {
      await this.#recover(source, hold, true);
      if (hold.position === doubtful) return;
    }
    if (this.#driver.isTooLarge(error)) throw tooLarge(placed);
    throw this.#driver.toPortError(error);
  }

  /**
   * A new producer under the same id ends what the old one left open. Taking the id back could fence the rightful
   * holder: only while the group's offset is where this one left it is the partition still ours.
   */
  async #recover(source: TopicPartition, hold: Hold, acceptDoubtful = false): Promise<void> {
    await quietly(hold.producer.close());
    const position = await this.#position(source);
    if (position !== hold.position && position !== hold.doubtful) await this.#lost(source);
    hold.producer = await this.#fence(source);
    const settled = await this.#position(source);
    const moved = settled !== hold.position;
    if (moved && !(acceptDoubtful && settled === hold.doubtful)) await this.#lost(source);
    hold.position = settled;
    hold.doubtful = null;
    hold.broken = false;
  }

  async #lost(source: TopicPartition): Promise<never> {
    await this.release(source);
    throw new FencedError(`a posição de ${idOf(source)} foi movida por outra instância`);
  }

  #fence(source: TopicPartition): Promise<TransactionalProducer> {
    return this.#driver.fence(`${this.#prefix}-${idOf(source)}`);
  }

  #position(source: TopicPartition): Promise<number | null> {
    return this.#driver.brokers.settled(this.#groupId, source);
  }

  async release(source: TopicPartition): Promise<void> {
    const hold = this.#holds.get(idOf(source));
    this.#holds.delete(idOf(source));
    if (hold !== undefined) await quietly(hold.producer.close());
  }

  async close(): Promise<void> {
    const holds = [...this.#holds.values()];
    this.#holds.clear();
    await Promise.all([...holds.map((hold) => quietly(hold.producer.close())), this.#driver.brokers.close()]);
  }
}

function idOf(source: TopicPartition): string {
  return `${source.topic}-${source.partition}`;
}

async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}
