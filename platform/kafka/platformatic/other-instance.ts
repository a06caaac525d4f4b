import { type API, type Base, type Callback, kGetApi, UserError } from '@platformatic/kafka';
import { isOtherInstance } from './errors.ts';

const ANSWERS_TO_A_NAME = new Set(['JoinGroup', 'SyncGroup']);

/** `api`, whose answer that another process took our name is final: the client would ask again under that name. */
function yieldingApi<A extends unknown[], R>(api: API<A, R>): API<A, R> {
  const asked: unknown = (connection: Parameters<typeof api>[0], ...rest: [...A, Callback<R>]) => {
    const callback = rest.at(-1) as Callback<R>;
    const answered: Callback<R> = (error, answer) => {
      if (error === null || !isOtherInstance(error)) callback(error, answer);
      else callback(new UserError(String(error), { canRetry: false, cause: error }));
    };
    api(connection, ...([...rest.slice(0, -1), answered] as unknown as [...A, Callback<R>]));
  };
  return Object.assign(asked as API<A, R>, { async: api.async, key: api.key, version: api.version });
}

/**
 * `client`, a member of a group under a name, which by itself joins again where another process took that name while it was
 * joining, and throws that one out in turn.
 */
export function yielding<T extends Base>(client: T): T {
  const getApi = client[kGetApi].bind(client);
  client[kGetApi] = <A extends unknown[], R>(name: string, callback: Callback<API<A, R>>): void => {
    getApi<A, R>(name, (error, api) => {
      callback(error, ANSWERS_TO_A_NAME.has(name) && api !== undefined ? yieldingApi(api) : api);
    });
  };
  return client;
}
