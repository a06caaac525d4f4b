import type { ExtendedGroupProtocolSubscription, GroupPartitionsAssigner } from '@platformatic/kafka';
import { nameOf } from '../held.ts';

type Members = ReadonlyMap<string, ExtendedGroupProtocolSubscription>;
/** Partitions of each member, by topic. */
type Shares = ReadonlyMap<string, Map<string, number[]>>;

/** Who says of each partition that it holds it, of those that did not miss a generation. */
function claimsOf(members: Members): Map<string, string[]> {
  const generationOf = ({ generationId = -1 }: ExtendedGroupProtocolSubscription) => generationId;
  const latest = Math.max(-1, ...[...members.values()].map(generationOf));
  const claims = new Map<string, string[]>();
  for (const [id, member] of members) {
    if (generationOf(member) < latest) continue;
    for (const { topic, partitions } of member.ownedPartitions ?? []) {
      if (!member.topics?.includes(topic)) continue;
      for (const partition of partitions) {
        const name = nameOf({ topic, partition });
        claims.set(name, [...(claims.get(name) ?? []), id]);
      }
    }
  }
  return claims;
}

const sizeOf = (share: ReadonlyMap<string, number[]>): number => {
  return [...share.values()].reduce((sum, { length }) => sum + length, 0);
};

/**
 * Shares the partitions of one topic: as many to each, save that some have one more, who are those with the least of the
 * other topics, then those with the most of this one. What a member holds stays with it up to that.
 */
function shareOut(
  topic: string,
  count: number,
  takers: readonly string[],
  shares: Shares,
  claims: Map<string, string[]>,
) {
  const ownerOf = (partition: number) => {
    const claimed = claims.get(nameOf({ topic, partition })) ?? [];
    return claimed.length === 1 ? claimed[0] : undefined;
  };
  const partitions = Array.from({ length: count }, (_, partition) => partition);
  const owned = Map.groupBy(partitions, ownerOf);
  const ownedBy = (id: string): readonly number[] => owned.get(id) ?? [];
  const loads = new Map(takers.map((id) => [id, sizeOf(shares.get(id) ?? new Map())]));
  const order = takers.toSorted((a, b) => {
    return (loads.get(a) ?? 0) - (loads.get(b) ?? 0) || ownedBy(b).length - ownedBy(a).length || (a < b ? -1 : 1);
  });
  const [least, more] = [Math.floor(count / takers.length), count % takers.length];
  const quotas = order.map((id, n) => ({ id, quota: n < more ? least + 1 : least }));
  const kept = new Map(quotas.map(({ id, quota }) => [id, ownedBy(id).slice(0, quota)]));
  const stay = new Set([...kept.values()].flat());
  const free = partitions.filter((partition) => !stay.has(partition));
  for (const { id, quota } of quotas) {
    const mine = kept.get(id) ?? [];
    const all = [...mine, ...free.splice(0, quota - mine.length)];
    if (all.length > 0) shares.get(id)?.set(topic, all);
  }
}

/**
 * Who holds what in a group: of every topic, and of all together, no member has two partitions more than another. What
 * another member still holds is given to nobody yet: its holder, who is not told to keep it, gives it up and joins again.
 * The client's own leaves the fourth of four with none of six, and gives a new member all of one topic and none of the other.
 */
export const evenly: GroupPartitionsAssigner = (_current, members, _topics, metadata) => {
  const ids = [...members.keys()].sort();
  const claims = claimsOf(members);
  const shares: Shares = new Map(ids.map((id) => [id, new Map()]));
  const topics = new Set([...members.values()].flatMap((member) => member.topics ?? []));
  for (const topic of [...topics].sort()) {
    const takers = ids.filter((id) => members.get(id)?.topics?.includes(topic));
    shareOut(topic, metadata.topics.get(topic)?.partitionsCount ?? 0, takers, shares, claims);
  }
  return ids.map((memberId) => {
    const isFree = (topic: string) => (partition: number) => {
      return (claims.get(nameOf({ topic, partition })) ?? []).every((claimant) => claimant === memberId);
    };
    const share = [...(shares.get(memberId) ?? [])].flatMap(([topic, all]) => {
      const partitions = all.filter(isFree(topic)).sort((a, b) => a - b);
      return partitions.length === 0 ? [] : [[topic, { topic, partitions }] as const];
    });
    return { memberId, assignments: new Map(share) };
  });
};
