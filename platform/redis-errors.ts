import { ReplyError } from 'ioredis';
import { RetryableError } from './errors.ts';

/** Answers of a Redis that will answer better later. */
const TRANSIENT = /^(LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|UNBLOCKED)\b/;

/** A Redis that is away, starting, full or failing over: wait and try again. Its other answers are bugs of ours. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return !(error instanceof ReplyError) || TRANSIENT.test(error.message);
}

/** Awaits a command. @throws RetryableError where only waiting helps; what else Redis says, as it says it */
export async function toRetryable<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!isTransient(error)) throw error;
    throw new RetryableError(`o Redis não responde: ${String(error)}`, { cause: error });
  }
}
