import {
  type ClusterMetadata,
  cooperativeStickyAssigner,
  type ExtendedGroupProtocolSubscription,
  type GroupPartitionsAssigner,
} from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenly } from './assignment.ts';

/** Partitions of each topic, by member: `a` may hold `{ t: [0, 2] }`. */
type Holding = Record<string, Record<string, number[]>>;

interface Turn {
  missed?: string[];
  /** What each member reads, where that is not all. */
  reads?: Record<string, string[]>;
  by?: GroupPartitionsAssigner;
}

/** A group over topics of so many partitions: who is in it now, and what each says that it holds. */
function round(
  topics: Record<string, number>,
  members: readonly string[],
  claimed: Holding,
  { missed = [], reads = {}, by = evenly }: Turn = {},
) {
  const metadata = {
    topics: new Map(Object.entries(topics).map(([topic, partitionsCount]) => [topic, { partitionsCount }])),
  } as unknown as ClusterMetadata;
  const subscriptions = members.map((memberId): [string, ExtendedGroupProtocolSubscription] => {
    const ownedPartitions = Object.entries(claimed[memberId] ?? {}).map(([topic, partitions]) => ({
      topic,
      partitions,
    }));
    const generationId = ownedPartitions.length === 0 ? -1 : missed.includes(memberId) ? 6 : 7;
    const read = reads[memberId] ?? Object.keys(topics);
    return [memberId, { memberId, version: 3, topics: read, ownedPartitions, generationId }];
  });
  const shares = by(members[0] ?? '', new Map(subscriptions), new Set(Object.keys(topics)), metadata);
  return Object.fromEntries(
    shares.map(({ memberId, assignments }) => {
      const share = [...assignments.values()].map(({ topic, partitions }) => [topic, partitions]);
      return [memberId, Object.fromEntries(share)];
    }),
  ) as Holding;
}

const all = (holding: Holding) =>
  Object.entries(holding).flatMap(([member, topics]) => {
    return Object.entries(topics).flatMap(([topic, held]) => held.map((p) => ({ member, name: `${topic}/${p}` })));
  });

/** Rounds, each from what the one before gave, until nothing moves. */
function settled(
  topics: Record<string, number>,
  members: readonly string[],
  from: Holding,
  turn: Turn = {},
): Holding[] {
  const rounds = [from];
  for (let n = 0; n < 5; n++) {
    const next = round(topics, members, rounds.at(-1) ?? {}, turn);
    if (JSON.stringify(next) === JSON.stringify(rounds.at(-1))) return rounds.slice(1);
    rounds.push(next);
  }
  throw new Error('it does not settle');
}

/** That of what is given nothing is given twice, nor what another member, who is still there, holds. */
function expectSafe(given: Holding, before: Holding, members: readonly string[]): void {
  const held = new Map(all(before).map((one) => [one.name, one.member]));
  expect(new Set(all(given).map(({ name }) => name)).size).toBe(all(given).length);
  for (const { name, member } of all(given)) {
    const holder = held.get(name);
    if (holder !== undefined && members.includes(holder)) expect(member).toBe(holder);
  }
}

const sizes = (holding: Holding) => Object.values(holding).map((share) => Object.values(share).flat().length);

describe('the partitions of a group', () => {
  it('are shared with the fourth of four, where there are six', () => {
    const before = { a: { t: [0, 3] }, b: { t: [1, 4] }, c: { t: [2, 5] } };
    const after = settled({ t: 6 }, ['a', 'b', 'c', 'd'], before).at(-1) ?? {};
    expect(sizes(after).sort()).toEqual([1, 1, 2, 2]);
  });

  it('are shared topic by topic: a new member gets no topic whole', () => {
    const every = [0, 1, 2, 3, 4, 5];
    const after = settled({ i: 6, p: 6 }, ['a', 'b'], { a: { i: every, p: every } }).at(-1) ?? {};
    expect([after.a?.i?.length, after.b?.i?.length, after.a?.p?.length, after.b?.p?.length]).toEqual([3, 3, 3, 3]);
  });

  it('are given to nobody while another holds them, nor to two who both say that they do', () => {
    const first = round({ t: 2 }, ['a', 'b'], { a: { t: [0, 1] } });
    expect(first).toEqual({ a: { t: [0] }, b: {} });
    expect(round({ t: 2 }, ['a', 'b'], first)).toEqual({ a: { t: [0] }, b: { t: [1] } });
    expect(round({ t: 1 }, ['a', 'b'], { a: { t: [0] }, b: { t: [0] } })).toEqual({ a: {}, b: {} });
  });

  it('are not those of a member that missed a generation', () => {
    const claimed = { a: { t: [0, 1] }, b: { t: [2, 3] }, c: { t: [0, 1, 2, 3] } };
    expect(round({ t: 4 }, ['a', 'b', 'c'], claimed, { missed: ['c'] })).toEqual({
      a: { t: [0, 1] },
      b: { t: [2] },
      c: {},
    });
  });

  it('are all held, evenly and by one each, whoever comes and goes, and stay where they may', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const groups = fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 1, maxLength: 6 });
    const topics = fc.dictionary(fc.constantFrom('i', 'p', 'q'), fc.integer({ min: 1, max: 25 }), { minKeys: 1 });
    const check = (of: Record<string, number>, turns: string[][]) => {
      let holding: Holding = {};
      for (const members of turns) {
        const before = holding;
        const rounds = settled(of, members, before);
        for (const [n, after] of rounds.entries()) {
          expectSafe(after, n === 0 ? before : (rounds[n - 1] as Holding), members);
        }
        holding = rounds.at(-1) ?? before;
        expect(all(holding).length).toBe(Object.values(of).reduce((sum, count) => sum + count, 0));
        for (const topic of Object.keys(of)) {
          const counts = members.map((member) => holding[member]?.[topic]?.length ?? 0);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        expect(Math.max(...sizes(holding)) - Math.min(...sizes(holding))).toBeLessThanOrEqual(1);
      }
    };
    fc.assert(fc.property(topics, groups, check), { numRuns: 200 });
  });

  it('are of the topics that a member reads, and topic by topic even among those', () => {
    const members = ['a', 'b', 'c', 'd'];
    const topics = ['i', 'p', 'q'];
    const some = fc.subarray(topics, { minLength: 1 });
    const check = (reads: string[][], count: number) => {
      const turn = { reads: Object.fromEntries(members.map((id, n) => [id, reads[n] ?? []])) };
      const of = Object.fromEntries(topics.map((topic) => [topic, count]));
      const before = { a: Object.fromEntries(topics.map((topic) => [topic, [0]])) };
      const last = settled(of, members, before, turn).at(-1) ?? before;
      for (const topic of topics) {
        const counts = members.map((id) => (last as Holding)[id]?.[topic]?.length ?? 0);
        const among = counts.filter((_, n) => reads[n]?.includes(topic));
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(among.length === 0 ? 0 : count);
        expect(among.reduce((sum, one) => sum + one, 0)).toBe(among.length === 0 ? 0 : count);
        if (among.length > 0) expect(Math.max(...among) - Math.min(...among)).toBeLessThanOrEqual(1);
      }
    };
    fc.assert(fc.property(fc.tuple(some, some, some, some), fc.integer({ min: 1, max: 12 }), check));
  });

  it('are given to one only, whichever version leads, and settle once this one does', () => {
    const names = ['a', 'b', 'c', 'd'];
    const turn = fc.record({ members: fc.subarray(names, { minLength: 1 }), old: fc.boolean() });
    const check = (turns: { members: string[]; old: boolean }[]) => {
      let holding: Holding = {};
      for (const { members, old } of turns) {
        const next = round({ i: 6, p: 6 }, members, holding, old ? { by: cooperativeStickyAssigner } : {});
        expectSafe(next, holding, members);
        holding = next;
      }
      const last = settled({ i: 6, p: 6 }, names, holding).at(-1) ?? holding;
      expect(sizes(last)).toEqual([3, 3, 3, 3]);
    };
    fc.assert(fc.property(fc.array(turn, { maxLength: 8 }), check));
  });

  it('stay with who is left when others go', () => {
    const before = { a: { t: [0, 4] }, b: { t: [1, 5] }, c: { t: [2] }, d: { t: [3] } };
    const after = round({ t: 6 }, ['a', 'c', 'd'], before);
    expect([after.a?.t, after.c?.t?.includes(2), after.d?.t?.includes(3)]).toEqual([[0, 4], true, true]);
  });
});
