import { Base, kGetApi, kGetBootstrapConnection, kGetConnection, kMetadata, ResponseError } from '@platformatic/kafka';
import { expect, it, onTestFinished, vi } from 'vitest';
import { GroupMember } from './membership.ts';

const [JOIN_GROUP, SYNC_GROUP, FENCED_INSTANCE_ID] = [11, 14, 82];
/** Version, no topics, no user data. */
const NOTHING_HELD = Buffer.from([0, 3, 0, 0, 0, 0, 0, 0, 0, 0]);

type Answer = (error: Error | null, answer?: object) => void;
type Asked = Record<string, (args: unknown[]) => object>;

/** A client that asks nobody: what it asks of a group is answered here. */
function answeredBy(asked: Asked): void {
  const answers: Asked = {
    FindCoordinator: () => ({ coordinators: [{ key: 'g', nodeId: 0 }] }),
    LeaveGroup: () => ({}),
    ...asked,
  };
  const prototype = Base.prototype as unknown as Record<symbol, (...args: never[]) => void>;
  const replace = (name: symbol, by: (...args: never[]) => void) => vi.spyOn(prototype, name).mockImplementation(by);
  replace(kGetBootstrapConnection, (answer: Answer) => answer(null, {}));
  replace(kGetConnection, (_: object, answer: Answer) => answer(null, {}));
  replace(kMetadata, (_: object, answer: Answer) => answer(null, { brokers: new Map([[0, {}]]), topics: new Map() }));
  replace(kGetApi, (name: string, found: Answer) => {
    const api = (...args: unknown[]) => {
      const answer = answers[name]?.(args.slice(1, -1)) ?? {};
      const callback = args.at(-1) as Answer;
      setImmediate(() => (answer instanceof Error ? callback(answer) : callback(null, answer)));
    };
    found(null, Object.assign(api, { async: api, key: 0, version: 4 }));
  });
  onTestFinished(() => void vi.restoreAllMocks());
}

const nameTaken = (api: number) => new ResponseError(api, 5, { '': [FENCED_INSTANCE_ID, null] }, {});

it.each(['JoinGroup', 'SyncGroup'])(
  'gives its name up that another process took, answered to its second %s',
  async (where) => {
    const joins: unknown[] = [];
    let syncs = 0;
    answeredBy({
      JoinGroup: ([, , , memberId, instanceId]) => {
        joins.push({ memberId, instanceId });
        if (where === 'JoinGroup' && joins.length === 2) return nameTaken(JOIN_GROUP);
        return {
          memberId: 'm1',
          generationId: joins.length,
          leader: 'm2',
          protocolName: 'cooperative-sticky',
          members: [],
        };
      },
      SyncGroup: () => {
        syncs += 1;
        return where === 'SyncGroup' && syncs === 2 ? nameTaken(SYNC_GROUP) : { assignment: NOTHING_HELD };
      },
    });
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const fatal = Promise.withResolvers<unknown>();
    const member = new GroupMember(
      { brokers: ['127.0.0.1:9'], clientId: 'teste', log },
      { groupId: 'g', topics: ['t'], instanceId: 'a' },
      { assigned() {}, away() {}, fatal: fatal.resolve },
    );
    onTestFinished(() => member.leave());
    await member.join();
    expect(await fatal.promise).toMatchObject({ code: 'INSTANCIA_REPETIDA' });
    expect(joins).toEqual([
      { memberId: '', instanceId: 'a' },
      { memberId: 'm1', instanceId: 'a' },
    ]);
  },
);
