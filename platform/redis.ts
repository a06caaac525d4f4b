import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from './config-redis.ts';
import { type CodedError, RetryableError } from './errors.ts';
import { reasonsOf, refusalOf, wordsOf } from './redis-refusals.ts';

/** A connection to one Redis or to a Redis Cluster: same commands, keys of one command in one slot. */
export type RedisConnection = Redis | Cluster;

type Tls = NonNullable<RedisOptions['tls']>;

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

/** Where, as whom, and held against what. */
function targetOf({ url, user, ca, own }: RedisConfig): Target {
  const { options, ...where } = parseRedisUrl(url);
  const { username, password } = user ?? {};
  return {
    ...where,
    options: {
      ...options,
      ...(password && { ...(username && { username }), password }),
      // Node holds the server's name, or address, against its certificate.
      ...(options.tls && { tls: { ...(ca && { ca }), ...own } }),
    },
  };
}

/** Up to 2 s between attempts, for ever: a Redis that is away is a thing to wait for. */
const retryDelay = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000);

const commonTo = (options: Target['options'], name: string) => ({
  ...options,
  connectionName: `atendido-${name}`,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Which library we are: a right the more, for nobody who asks.
  disableClientInfo: true,
  connectTimeout: 5_000,
  commandTimeout: 30_000,
});

/**
 * Connects in the background and reconnects for ever. A command in flight when the connection breaks fails at once
 * (`maxRetriesPerRequest: 0`): ioredis would send it again by itself, and only the caller knows whether that is safe.
 * A command given while there is no connection fails too. Whoever makes the connection listens to its `error` events
 * and quits it.
 * @param where `REDIS_URL` alone, or all that was configured
 * @param onRefused told whenever Redis answers but does not let us in, which waiting does not mend
 */
export function connectRedis(
  where: string | RedisConfig,
  name: string,
  onRefused: (why: CodedError) => void = () => undefined,
): RedisConnection {
  const config = typeof where === 'string' ? { url: where, user: null, ca: null, own: null } : where;
  const { nodes, cluster, options } = targetOf(config);
  const common = commonTo(options, name);
  const told = (...errors: unknown[]): void => {
    const refusal = errors.map(refusalOf).find((one) => one !== null);
    if (refusal) onRefused(refusal);
  };
  if (cluster) return connectCluster(nodes, common, told);
  const [node] = nodes;
  const redis = new Redis({ ...common, ...node, retryStrategy: retryDelay });
  return redis.on('error', told);
}

function connectCluster(
  nodes: Target['nodes'],
  common: ReturnType<typeof commonTo>,
  told: (...errors: unknown[]) => void,
): Cluster {
  /** By node, what befell its last connection; null: it was made. */
  const befell = new Map<string, Error | null>();
  const { tls } = common;
  const overTls = {
    // By their names: the addresses behind them are in no certificate.
    dnsLookup: (name: string, found: (error: null, address: string) => void) => found(null, name),
  };
  const options = {
    redisOptions: { ...common, ...(tls && { Connector: telling(tls, (node, error) => befell.set(node, error)) }) },
    clusterRetryStrategy: retryDelay,
    ...(tls && overTls),
  } satisfies ClusterOptions;
  const redis = new Cluster(nodes, options);
  // As one Redis does at every attempt, by `maxRetriesPerRequest`: a Cluster's commands would wait for ever, and a caller of
  // the api with them.
  const { flushQueue } = redis as unknown as { flushQueue(error: Error): void };
  redis.on('close', () => flushQueue.call(redis, new Error('Connection is closed.')));
  return redis.on('error', (error: unknown) => {
    // Told once no node could be asked. One whose TLS is refused beside others that are away may be mended by waiting for them.
    const ofSockets = nodes.map(({ host, port }) => befell.get(`${host}:${port}`));
    const allRefused = ofSockets.every((one) => refusalOf(one) !== null);
    told(error, ...(allRefused ? ofSockets : []));
  });
}

/** As ioredis's own, which tells nobody what befell the connections it asks a Cluster's nodes for the others with. */
function telling(tls: Tls, tell: (node: string, error: Error | null) => void) {
  return class extends AbstractConnector {
    readonly #where: { host: string; port: number };

    constructor(options: unknown) {
      const { host = '', port = 0, disconnectTimeout = 2_000 } = options as RedisOptions;
      super(disconnectTimeout);
      this.#where = { host, port };
    }

    override async connect() {
      this.connecting = true;
      const { host, port } = this.#where;
      this.stream = connectTls({ host, port, ...tls })
        .once('secureConnect', () => tell(`${host}:${port}`, null))
        .once('error', (error) => {
          this.firstError = error;
          tell(`${host}:${port}`, error);
        });
      return this.stream;
    }
  };
}

/** Whether Redis answers: in a Cluster every node that keeps a part. @throws it does not */
export async function everyNodeAnswers(redis: RedisConnection): Promise<void> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [];
  // One more, of whichever: while no node is known there is none to ask.
  await toRetryable(Promise.all([redis.ping(), ...nodes.map((node) => node.ping())]));
}

const AWAY_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']);
const AWAY_CODES = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What Redis answers while it loads, moves, has no replica or no memory: another moment may go well. */
const AWAY_REPLIES =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|ASK |MOVED |READONLY|NOREPLICAS|MISCONF|OOM|BUSY )|^Connection is closed|^Command timed out|^Stream isn't writeable|^Too many Cluster redirections|^None of startup nodes/;

function isAway(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return AWAY_NAMES.has(error.name) || AWAY_CODES.test(code) || AWAY_REPLIES.test(wordsOf(error));
}

/**
 * The same answer, with an error that only says that Redis is away made a RetryableError.
 * @throws CodedError where Redis does not let us do it
 */
export async function toRetryable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const reasons = reasonsOf(error);
    const refusal = reasons.map(refusalOf).find((one) => one !== null);
    if (refusal) throw refusal;
    if (!reasons.every(isAway)) throw error;
    const told = reasons.map((reason) => `${reason.name}: ${wordsOf(reason)}`);
    throw new RetryableError(`o Redis não responde: ${told[0]}`, { cause: error });
  }
}
