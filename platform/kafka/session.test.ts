import { describe, expect, it, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import type { Brokers, Edge, Piece } from './brokers.ts';
import type { Driver, MembershipEvents } from './driver.ts';
import type { ConsumerOptions, Cursor, Round, TopicPartition } from './port.ts';
import { Session } from './session.ts';

const [P, Q]: [TopicPartition, TopicPartition] = [
  { topic: 't', partition: 0 },
  { topic: 't', partition: 1 },
];

/** One record at `offset`, as it would come. */
function pieceAt(offset: number): Piece {
  const record = { offset, timestamp: 0, key: null, value: null, headers: {} };
  return { bytes: 1, next: offset + 1, records: () => [record] };
}

type Options = Pick<ConsumerOptions, 'onRound'> & Partial<ConsumerOptions> & Partial<Pick<Brokers, 'settled'>>;

/**
 * A session whose group and logs are the test's: a record of a partition may be read once `let` allows its offset.
 * Positions are kept elsewhere, unless it is said what the group answers.
 */
function world({ settled, ...options }: Options) {
  const ends = new Map<number, number>();
  const groups: MembershipEvents[] = [];
  const brokers = {
    leader: async () => 1,
    edges: async (places: readonly TopicPartition[], edge: Edge) => {
      return places.map((place) => ({ ...place, offset: edge === 'first' ? 0 : 1_000 }));
    },
    fetchFrom: async (_node: number, cursors: readonly { partition: number; offset: number }[]) => {
      await new Promise((resolve) => setImmediate(resolve));
      return cursors.map((cursor) => {
        const pieces = cursor.offset < (ends.get(cursor.partition) ?? 0) ? [pieceAt(cursor.offset)] : [];
        return { cursor, pieces, next: cursor.offset + pieces.length };
      });
    },
    settled,
    partitions: async () => [0],
    forget() {},
    close: async () => {},
  } as unknown as Brokers;
  const holder = {
    transact: async (_transaction: unknown, committing: () => void) => committing(),
    close: async () => {},
  };
  const driver = {
    maxRecords: 10,
    fence: async () => holder,
    brokers: () => brokers,
    membership: (_options: unknown, events: MembershipEvents) => {
      groups.push(events);
      return {
        join: async () => {},
        commit: async (cursors: Cursor[]) => void told.push(...cursors),
        leave: async () => {},
      };
    },
  } as unknown as Driver;
  const told: Cursor[] = [];
  const fatal: Error[] = [];
  const logged: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void logged.push(fields) };
  const where = settled === undefined ? { positionOf: async () => 0 } : {};
  const session = new Session(
    driver,
    { brokers: [], clientId: 'teste', log },
    { groupId: 'g', topics: ['t'], onFatal: (error) => void fatal.push(error), ...where, ...options },
  );
  const assign = (...partitions: TopicPartition[]) => groups[0]?.assigned(partitions, true);
  return {
    session,
    assign,
    fatal,
    logged,
    told,
    let: ({ partition }: TopicPartition, end: number) => void ends.set(partition, end),
  };
}

const onlyOf = ({ batches }: Round, { partition }: TopicPartition) => batches.every((b) => b.partition === partition);

describe('partitions taken away while one of them has a round', () => {
  it('are released each once its own round ended, and not at all where assigned back', async () => {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const steps: string[] = [];
    const { session, assign, fatal, ...log } = world({
      positionOf: async ({ partition }) => {
        steps.push(`position ${partition}`);
        return steps.includes('end 1') ? partition : 0;
      },
      onRevoked: async (partitions) => void steps.push(...partitions.map(({ partition }) => `revoked ${partition}`)),
      onRound: async (round) => {
        if (!onlyOf(round, Q)) return [];
        begun.resolve();
        await gate.promise;
        steps.push('end 1');
        return [];
      },
    });
    log.let(Q, 1);
    assign(P, Q);
    await begun.promise;
    assign();
    await vi.waitFor(() => expect(steps).toContain('revoked 0'));
    assign(P);
    await vi.waitFor(() => expect(steps.filter((step) => step === 'position 0')).toHaveLength(2));
    assign(P, Q);
    gate.resolve();
    await vi.waitFor(() => expect(steps.filter((step) => step === 'position 1')).toHaveLength(2));
    expect(steps.slice(2)).toEqual(['revoked 0', 'position 0', 'end 1', 'position 1']);
    expect(fatal).toEqual([]);
    await session.stop();
    expect(steps.slice(6).sort()).toEqual(['revoked 0', 'revoked 1']);
  });
});

it('tells the group where a partition stands whose position is kept elsewhere, though nothing comes of it', async () => {
  const { session, assign, told } = world({ positionOf: async () => 5, onRound: async () => [] });
  assign(P);
  await vi.waitFor(() => expect(told).toEqual([{ ...P, offset: 5 }]), 5_000);
  await session.stop();
});

it('hands a partition over in one round at a time, and others meanwhile', async () => {
  const gate = Promise.withResolvers<void>();
  const rounds: string[] = [];
  const { session, assign, ...log } = world({
    concurrency: 3,
    onRound: async ({ batches }) => {
      rounds.push(...batches.map(({ partition, records }) => `${partition}: ${records.map((r) => r.offset)}`));
      if (batches.some(({ partition }) => partition === P.partition)) await gate.promise;
      return [];
    },
  });
  log.let(P, 1);
  assign(P, Q);
  await vi.waitFor(() => expect(rounds).toEqual(['0: 0']));
  log.let(P, 2);
  log.let(Q, 1);
  await vi.waitFor(() => expect(rounds).toEqual(['0: 0', '1: 0']));
  log.let(Q, 2);
  await vi.waitFor(() => expect(rounds).toEqual(['0: 0', '1: 0', '1: 1']));
  gate.resolve();
  await vi.waitFor(() => expect(rounds).toEqual(['0: 0', '1: 0', '1: 1', '0: 1']));
  await session.stop();
});

it('tells the group where a partition was sought to, though nothing comes there', async () => {
  const onRound = async () => [{ ...P, offset: 7 }];
  const { session, assign, told, ...log } = world({ onRound });
  log.let(P, 1);
  assign(P);
  await vi.waitFor(() => expect(told.at(-1)).toEqual({ ...P, offset: 7 }), 5_000);
  await session.stop();
});

it('goes on from no offset of the group that is behind what was moved', async () => {
  const settled = [null, null, 1];
  const rounds: number[] = [];
  const { session, assign, ...log } = world({
    settled: async () => settled.shift() ?? null,
    onRound: async (round) => {
      rounds.push(round.batches[0]?.records[0]?.offset ?? -1);
      await round.commit([]);
      return [];
    },
  });
  log.let(P, 1);
  assign(P);
  await vi.waitFor(() => expect(rounds).toEqual([0]));
  // Given up and taken back, after the broker forgot for a while.
  assign();
  assign(P);
  log.let(P, 2);
  await vi.waitFor(() => expect(rounds).toEqual([0, 1]), 5_000);
  expect(settled).toEqual([]);
  await session.stop();
});

describe('a round that fails while the consumer stops', () => {
  async function stoppedDuring(failure: Error) {
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const onRound = async () => {
      begun.resolve();
      await gate.promise;
      throw failure;
    };
    const { session, assign, fatal, logged, ...log } = world({ onRound });
    log.let(P, 1);
    assign(P);
    await begun.promise;
    const stopping = session.stop();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    gate.resolve();
    const outcome = await stopping.catch((error: unknown) => error);
    const armed = timers.mock.calls.length;
    timers.mockRestore();
    return { outcome, armed, fatal, logged };
  }

  it('of a bug: it is logged, and the stop fails of it', async () => {
    const bug = new TypeError('bug');
    const { outcome, armed, fatal, logged } = await stoppedDuring(bug);
    expect([outcome, fatal, armed]).toEqual([bug, [], 0]);
    expect(logged).toEqual([{ err: bug }]);
  });

  it('because a server is away: nothing is tried again', async () => {
    const { outcome, armed, fatal, logged } = await stoppedDuring(new RetryableError('redis fora'));
    expect([outcome, armed, fatal, logged]).toEqual([undefined, 0, [], []]);
  });
});
