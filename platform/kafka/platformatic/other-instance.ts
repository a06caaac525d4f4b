import { type API, type Base, UserError } from '@platformatic/kafka';
import { isOtherInstance } from './errors.ts';
import { asking, hearing } from './hearing.ts';

const ANSWERS_TO_A_NAME = new Set(['JoinGroup', 'SyncGroup']);

/** `api`, whose answer that another process took our name is final: the client would ask again under that name. */
function yieldingApi<A extends unknown[], R>(api: API<A, R>): API<A, R> {
  return hearing(api, (error) => {
    return isOtherInstance(error) ? new UserError(String(error), { canRetry: false, cause: error }) : error;
  });
}

/**
 * `client`, a member of a group under a name, which by itself joins again where another process took that name while it was
 * joining, and throws that one out in turn.
 */
export function yielding<T extends Base>(client: T): T {
  return asking(client, ANSWERS_TO_A_NAME, yieldingApi);
}
