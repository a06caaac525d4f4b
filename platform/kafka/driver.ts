import type { Brokers } from './brokers.ts';
import type { Cursor, TopicPartition, TopicSpec } from './port.ts';
import type { Slice, SliceMaker } from './rounds.ts';

/** Who we are in a group: what the broker holds a commit against. */
export interface Member {
  memberId: string;
  generation: number;
  /** Of a static member, its name; null: a member as it comes. */
  instanceId: string | null;
}

export interface MembershipEvents {
  /**
   * What this member holds from now on. `unbroken` is false where it may have been out of the group meanwhile, so that
   * what it held before may have been another's.
   */
  assigned(partitions: readonly TopicPartition[], unbroken: boolean): void;
  /** The group is not to be reached; null once it is again. */
  away(cause: Error | null): void;
  fatal(error: unknown): void;
}

/** A member of a group that keeps itself alive, and joins again by itself. */
export interface Membership {
  /** Joins, however long the brokers are away. @throws what no waiting cures */
  join(): Promise<void>;
  /** As it was when `assigned` was last told, so that it goes with what is held. */
  readonly member: Member;
  /** Moves the group's offsets, for whoever watches. @throws port errors */
  commit(offsets: readonly Cursor[]): Promise<void>;
  leave(): Promise<void>;
}

export interface MembershipOptions {
  groupId: string;
  topics: readonly string[];
  /** A name that only one process at a time uses: it may come back under it without a rebalance. */
  instanceId: string | null;
}

/** The offsets of a group that move in a transaction, and the member they are moved by. */
export interface GroupMove {
  groupId: string;
  member: Member;
  moves: readonly Cursor[];
}

/** What one transaction does. */
export interface Transaction<S extends Slice> {
  /** Sent in turn; within one, no partition comes twice. */
  rounds: readonly (readonly S[])[];
  /** null: it moves no group's offsets. */
  group: GroupMove | null;
}

/** A transactional id held, in the words of a client library. Fails in port errors. */
export interface TransactionalProducer<S extends Slice> {
  /**
   * Sends, moves the group's offsets (if any) and commits. `committing` is called right before the commit is asked for; an error
   * before it has aborted the transaction, or left that to the next holder.
   */
  transact(transaction: Transaction<S>, committing: () => void): Promise<void>;
  /** Moves the group's offsets and takes that back: what is read of them after it is no older than the move. */
  touch(group: GroupMove): Promise<void>;
  close(): Promise<void>;
}

/** How a client library sends outside transactions. Fails in port errors. */
export interface Sending<S extends Slice> {
  /** Resolves when all in-sync replicas have every record. */
  send(round: readonly S[]): Promise<void>;
  close(): Promise<void>;
}

/** How a client library makes topics. Fails in port errors. */
export interface TopicAdmin {
  /** The names of all there are. */
  list(): Promise<string[]>;
  /** False where another process created it meanwhile. Its partitions may not have leaders yet. */
  create(spec: TopicSpec): Promise<boolean>;
  close(): Promise<void>;
}

/** A client library, in the parts that platform/kafka is made of. All of it fails in port errors. */
export interface Driver<S extends Slice = Slice> extends SliceMaker<S> {
  /** A member may come back to its group under a name, and take it from one that still has it. */
  readonly staticMembership: boolean;
  /** A connection of its own: a broker answers what comes over one connection in order. */
  brokers(): Brokers;
  membership(options: MembershipOptions, events: MembershipEvents): Membership;
  /** Takes a transactional id, ending what its former holder left open and fencing it. */
  fence(transactionalId: string): Promise<TransactionalProducer<S>>;
  /** @param once fails at the first error, and sends nothing again */
  sending(once: boolean): Promise<Sending<S>>;
  admin(): Promise<TopicAdmin>;
}
