import { type API, type Base, type Callback, kGetApi, ResponseError } from '@platformatic/kafka';

interface Fault {
  apiId?: string;
  path?: string;
}

/** The answer within an error that says nothing but that some partitions have no leader now; else undefined. */
function answerIn(error: Error | null): unknown {
  if (!(error instanceof ResponseError)) return undefined;
  const faults = error.errors as Fault[];
  const leaderless = faults.every(
    ({ apiId, path }) => apiId === 'LEADER_NOT_AVAILABLE' && path?.includes('/partitions/'),
  );
  return leaderless ? (error as ResponseError & { response?: unknown }).response : undefined;
}

/** `api`, Metadata's, whose answer is not lost where a partition has no leader: that one's leader is then -1. */
export function withLeaderless<A extends unknown[], R>(api: API<A, R>): API<A, R> {
  const asked: unknown = (connection: Parameters<typeof api>[0], ...rest: [...A, Callback<R>]) => {
    const callback = rest.at(-1) as Callback<R>;
    const answered: Callback<R> = (error, answer) => {
      const found = answerIn(error) as R | undefined;
      if (found === undefined) callback(error, answer);
      else callback(null, found);
    };
    api(connection, ...([...rest.slice(0, -1), answered] as unknown as [...A, Callback<R>]));
  };
  return Object.assign(asked as API<A, R>, { async: api.async, key: api.key, version: api.version });
}

/**
 * `client`, which by itself takes nothing of a topic one of whose partitions has no leader: the others would wait for
 * it, and so would a group that wants to know how many there are. And of a connection that a broker resets while it
 * authenticates it tells the error twice, the second time to nobody, which would end the process.
 */
export function patient<T extends Base>(client: T): T {
  const getApi = client[kGetApi].bind(client);
  client[kGetApi] = <A extends unknown[], R>(name: string, callback: Callback<API<A, R>>): void => {
    getApi<A, R>(name, (error, api) => {
      callback(error, name === 'Metadata' && api !== undefined ? withLeaderless(api) : api);
    });
  };
  client.connections.on('connecting', ({ connection }) => void connection.on('error', () => undefined));
  return client;
}
