import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { RetryableError } from './errors.ts';

/** A connection to one Redis or to a Redis Cluster: same commands, keys of one command in one slot. */
export type RedisConnection = Redis | Cluster;

interface Target {
  nodes: { host: string; port: number }[];
  cluster: boolean;
  options: Pick<RedisOptions, 'username' | 'password' | 'tls' | 'db'>;
}

/**
 * Reads `REDIS_URL`: `redis://[user:password@]host:port[/db]`, `rediss://` for TLS; a Cluster by the scheme
 * `redis+cluster://` (`rediss+cluster://`), or by more than one address, with commas. Credentials are the first one's.
 */
export function parseRedisUrl(text: string): Target {
  const urls = text.split(',').map((one) => new URL(one.trim()));
  const [first] = urls;
  if (!first) throw new TypeError('REDIS_URL is empty');
  const db = Number(first.pathname.slice(1));
  return {
    nodes: urls.map((one) => ({ host: one.hostname, port: Number(one.port) || 6379 })),
    cluster: urls.length > 1 || first.protocol.endsWith('+cluster:'),
    options: {
      ...(first.username && { username: decodeURIComponent(first.username) }),
      ...(first.password && { password: decodeURIComponent(first.password) }),
      ...(first.protocol.startsWith('rediss') && { tls: {} }),
      ...(db > 0 && { db }),
    },
  };
}

/** Up to 2 s between attempts, for ever: a Redis that is away is a thing to wait for. */
const retryDelay = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000);

/**
 * Connects in the background and reconnects for ever. A command in flight when the connection breaks fails at once
 * (`maxRetriesPerRequest: 0`): ioredis would send it again by itself, and only the caller knows whether that is safe.
 * A command given while there is no connection fails too. Whoever makes the connection listens to its `error` events
 * and quits it.
 */
export function connectRedis(url: string, name: string): RedisConnection {
  const { nodes, cluster, options } = parseRedisUrl(url);
  const common = {
    ...options,
    connectionName: `atendido-${name}`,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 5_000,
    commandTimeout: 30_000,
  } satisfies RedisOptions;
  if (cluster) {
    const clusterOptions = { redisOptions: common, clusterRetryStrategy: retryDelay } satisfies ClusterOptions;
    return new Cluster(nodes, clusterOptions);
  }
  const [node] = nodes;
  return new Redis({ ...common, ...node, retryStrategy: retryDelay });
}

const AWAY_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']);
const AWAY_CODES = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What Redis answers while it loads, moves, has no replica or no memory: another moment may go well. */
const AWAY_REPLIES =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|ASK |MOVED |READONLY|NOREPLICAS|MISCONF|OOM|BUSY )|^Connection is closed|^Command timed out|^Stream isn't writeable|^Too many Cluster redirections|^None of startup nodes/;

/** Redis 6 puts the script's line before the words of an answer that a command of the script got. */
const IN_A_SCRIPT = /^ERR Error running script .* -([A-Z]+ .*)$/;

/** Why it failed: of a transaction the refusals of its commands one by one, which its own does not say. */
function reasonsOf(error: unknown): readonly unknown[] {
  const inside = error instanceof Error && 'previousErrors' in error ? error.previousErrors : [];
  return Array.isArray(inside) && inside.length > 0 ? inside : [error];
}

function wordsOf({ message }: Error): string {
  return IN_A_SCRIPT.exec(message)?.[1] ?? message;
}

function isAway(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return AWAY_NAMES.has(error.name) || AWAY_CODES.test(code) || AWAY_REPLIES.test(wordsOf(error));
}

/** The same answer, with an error that only says that Redis is away made a RetryableError. */
export async function toRetryable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const reasons = reasonsOf(error);
    if (!reasons.every(isAway)) throw error;
    const told = reasons.map((reason) => `${reason.name}: ${wordsOf(reason)}`);
    throw new RetryableError(`o Redis não responde: ${told[0]}`, { cause: error });
  }
}
