import { describe, expect, it, vi } from 'vitest';
import { RetryableError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import type { Driver, Transaction } from './driver.ts';
import { GroupOffsets } from './group-offsets.ts';
import type { Slice } from './rounds.ts';
import { Transactor } from './transactor.ts';

const LOG = { debug() {}, info() {}, warn() {}, error() {} };
const OFFSETS = [5, 8];

/**
 * A broker whose answer to a commit is lost; `offsets` are what it says of the group afterwards. Partitions that are
 * `gone` went to another member as the commit was asked for.
 */
function world(offsets: number[], { askedInVain = 0, touchedInVain = 0, gone = [] as number[] } = {}) {
  const actions: string[] = [];
  const ours = new Set([0, 1]);
  const moves = OFFSETS.map((offset, partition) => {
    return { topic: 't', partition, offset, isStillOurs: () => ours.has(partition) };
  });
  let questions = 0;
  const driver = {
    maxRecords: 10,
    fence: async () => {
      actions.push('fence');
      return {
        transact: async ({ group }: Transaction<Slice>, committing: () => void) => {
          actions.push(`transact ${group?.moves.length}`);
          committing();
          for (const partition of gone) ours.delete(partition);
          throw new RetryableError('a resposta se perdeu');
        },
        touch: async () => {
          actions.push('touch');
          if (touchedInVain-- > 0) throw new RetryableError('o Kafka saiu');
        },
        close: async () => void actions.push('close'),
      };
    },
  } as unknown as Driver;
  const brokers = {
    partitions: async () => [0],
    settled: async (_groupId: string, { partition }: { partition: number }) => {
      actions.push('settled');
      if (questions++ < askedInVain) throw new RetryableError('há deslocamentos por confirmar');
      return offsets[partition] ?? null;
    },
  } as unknown as Brokers;
  const member = () => ({ memberId: 'm', generation: 1, instanceId: null });
  const transactor = new Transactor(
    driver,
    { brokers, offsets: new GroupOffsets(brokers, 'g') },
    { groupId: 'g', transactionalId: 'x', member, log: LOG },
  );
  return { actions, transactor, commit: () => transactor.commit([], moves) };
}

describe('a commit whose answer was lost', () => {
  it('stands where the offsets moved with it, after the holder of the id was replaced', async () => {
    const { actions, commit } = world([5, 8]);
    await commit();
    expect(actions).toEqual(['fence', 'transact 2', 'close', 'fence', 'touch', 'settled']);
  });

  it('is to be made again where they did not', async () => {
    const { commit } = world([3, 6]);
    await expect(commit()).rejects.toThrow(RetryableError);
  });

  it('is asked for only after a write of our own, which another holder of the id makes where it failed', async () => {
    const { actions, commit } = world([5, 8], { touchedInVain: 1 });
    await commit();
    const again = ['fence', 'touch', 'close', 'fence', 'touch', 'settled'];
    expect(actions).toEqual(['fence', 'transact 2', 'close', ...again]);
  });

  it('is told by the partitions that are ours still: their next holder moved the others on', async () => {
    await world([5, 11], { gone: [1] }).commit();
    await expect(world([3, 8], { gone: [1] }).commit()).rejects.toThrow(RetryableError);
    await expect(world([5, 8], { gone: [0, 1] }).commit()).rejects.toThrow(RetryableError);
  });

  it('is asked for until it is known', async () => {
    await world([5, 8], { askedInVain: 2 }).commit();
    await expect(world([3, 6], { askedInVain: 2 }).commit()).rejects.toThrow(RetryableError);
  });

  it('but no longer than until its consumer stops', async () => {
    const { actions, transactor, commit } = world([5, 8], { askedInVain: Number.POSITIVE_INFINITY });
    const outcome = commit();
    await vi.waitFor(() => expect(actions).toContain('close'));
    transactor.stopping();
    await expect(outcome).rejects.toThrow('a resposta se perdeu');
  });
});
