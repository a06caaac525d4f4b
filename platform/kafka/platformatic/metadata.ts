import { type API, type Base, ResponseError } from '@platformatic/kafka';
import { asking, hearing } from './hearing.ts';

const METADATA = new Set(['Metadata']);

interface Fault {
  apiId?: string;
  path?: string;
}

/** The answer within an error that says nothing but that some partitions have no leader now; else undefined. */
function answerIn(error: Error): unknown {
  if (!(error instanceof ResponseError)) return undefined;
  const faults = error.errors as Fault[];
  const leaderless = faults.every(
    ({ apiId, path }) => apiId === 'LEADER_NOT_AVAILABLE' && path?.includes('/partitions/'),
  );
  return leaderless ? (error as ResponseError & { response?: unknown }).response : undefined;
}

/** `api`, Metadata's, whose answer is not lost where a partition has no leader: that one's leader is then -1. */
export function withLeaderless<A extends unknown[], R>(api: API<A, R>): API<A, R> {
  return hearing(api, (error) => {
    const answer = answerIn(error);
    return answer === undefined ? error : { answer };
  });
}

/**
 * `client`, which by itself takes nothing of a topic one of whose partitions has no leader: the others would wait for
 * it, and so would a group that wants to know how many there are. And of a connection that a broker resets while it
 * authenticates it tells the error twice, the second time to nobody, which would end the process.
 */
export function patient<T extends Base>(client: T): T {
  client.connections.on('connecting', ({ connection }) => void connection.on('error', () => undefined));
  return asking(client, METADATA, withLeaderless);
}
