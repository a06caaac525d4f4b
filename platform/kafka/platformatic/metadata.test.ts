import { type API, type Connection, ResponseError } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { withLeaderless } from './metadata.ts';

const METADATA = 3;
const ANSWER = { topics: ['t'] };
const [UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE] = [3, 5];

/** What comes of an answer with these error codes, by their path in it. */
function outcome(faults: Record<string, number>): unknown[] {
  const errors = Object.entries(faults).map(([path, code]): [string, [number, null]] => [path, [code, null]]);
  const error = errors.length === 0 ? null : new ResponseError(METADATA, 12, Object.fromEntries(errors), ANSWER);
  const ask = (_connection: Connection, _topics: string[], callback?: (e: Error | null, a?: object) => void) => {
    if (error === null) callback?.(null, ANSWER);
    else callback?.(error);
  };
  const api = Object.assign(ask, { async: async () => ANSWER, key: METADATA, version: 12 }) as API<[string[]], object>;
  const outcomes: unknown[] = [];
  withLeaderless(api)({} as Connection, ['t'], (failure, answer) => void outcomes.push(failure?.constructor, answer));
  return outcomes;
}

describe('what the brokers answer of a topic', () => {
  it('stands where nothing is wrong, and where partitions have no leader', () => {
    expect(outcome({})).toEqual([undefined, ANSWER]);
    expect(outcome({ '/topics/0/partitions/1': LEADER_NOT_AVAILABLE })).toEqual([undefined, ANSWER]);
  });

  it('is an error where the topic itself is not known, or not led yet', () => {
    expect(outcome({ '/topics/0': LEADER_NOT_AVAILABLE })).toEqual([ResponseError, undefined]);
    const both = { '/topics/0': UNKNOWN_TOPIC, '/topics/1/partitions/1': LEADER_NOT_AVAILABLE };
    expect(outcome(both)).toEqual([ResponseError, undefined]);
  });
});
