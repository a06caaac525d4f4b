import { type API, type Base, type Callback, kGetApi } from '@platformatic/kafka';

/** What an error of the brokers is to be heard as: an error, that one or another, or an answer after all. */
type Hear = (error: Error) => Error | { answer: unknown };

/** `api`, whose errors are heard that way. */
export function hearing<A extends unknown[], R>(api: API<A, R>, hear: Hear): API<A, R> {
  const asked: unknown = (connection: Parameters<typeof api>[0], ...rest: [...A, Callback<R>]) => {
    const callback = rest.at(-1) as Callback<R>;
    const answered: Callback<R> = (error, answer) => {
      const heard = error === null ? null : hear(error);
      if (heard === null || heard instanceof Error) callback(heard, answer);
      else callback(null, heard.answer as R);
    };
    api(connection, ...([...rest.slice(0, -1), answered] as unknown as [...A, Callback<R>]));
  };
  return Object.assign(asked as API<A, R>, { async: api.async, key: api.key, version: api.version });
}

/** `client`, which asks by what `become` makes of the APIs of these names. */
export function asking<T extends Base>(
  client: T,
  names: ReadonlySet<string>,
  become: <A extends unknown[], R>(api: API<A, R>) => API<A, R>,
): T {
  const getApi = client[kGetApi].bind(client);
  client[kGetApi] = <A extends unknown[], R>(name: string, callback: Callback<API<A, R>>): void => {
    getApi<A, R>(name, (error, api) => callback(error, names.has(name) && api !== undefined ? become(api) : api));
  };
  return client;
}
