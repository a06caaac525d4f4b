import { createHash } from 'node:crypto';

/** Keys by what they hold, as patterns of Redis: platform/estado/chaves.ts, geracoes.ts and presencas.ts name them. */
export const KEYS = {
  /** Clients' states and counters, of every generation. */
  estado: ['at:{*}:*', 'at.*:{*}:*', 'r*:{*}:*'],
  /** Which generation is live, and who changes that. */
  geracoes: ['{geracao}', '{geracao}:*'],
  presencas: ['co:{p*}:*', 'co.*:{p*}:*'],
} as const;
export type Family = keyof typeof KEYS;

/** What one user of Redis may do; all that is not here is refused. */
export interface Rights {
  /** What the user is for, in the table of docs/redis-cluster.md. */
  para: string;
  keys: readonly Family[];
  commands: readonly string[];
}

const READS = ['get', 'mget', 'hget', 'hmget', 'hgetall', 'smembers', 'smismember', 'exists'] as const;
const IN_ONE_STEP = ['multi', 'exec'] as const;
/** Scripts run with the rights of whoever runs them: every command in them is here too. */
const SCRIPTS = ['eval', 'evalsha'] as const;
const WRITES = ['set', 'hset', 'hdel'] as const;
/** Names of keys, of all families: Redis holds SCAN against no pattern. */
const SEARCHES = ['scan', 'hkeys'] as const;
/**
 * What ioredis asks of every connection, of a Cluster's too. Without `readwrite` a node that was taken for a replica for a
 * moment would stay one: its scripts refused (READONLY) for ever, where it should answer who is master.
 */
const CONNECTS = [
  'ping',
  'info',
  'client|setname',
  'cluster|slots',
  'cluster|info',
  'readonly',
  'readwrite',
  'asking',
] as const;
/** Counting, and building a generation beside another and changing them. */
const COUNTS = ['mset', 'hsetnx', 'hincrby', 'sadd', 'unlink', 'pexpire'] as const;
const ALL = [...READS, ...IN_ONE_STEP, ...SCRIPTS, ...WRITES, ...SEARCHES, ...COUNTS] as const;

/**
 * Who may do what in Redis, by user: the one table that `infra/redis/acl-file.ts` makes a file of, docs/redis-cluster.md
 * shows and test/integration/redis-rights.test.ts tries cell by cell. Nobody else has a user: ingest, classifier, the
 * preparation and BI need no Redis.
 */
export const RIGHTS = {
  consolidator: {
    para: 'guarda as presenças',
    keys: ['presencas'],
    commands: ['get', 'hmget', 'hgetall', ...IN_ONE_STEP, ...SCRIPTS, ...WRITES, ...SEARCHES],
  },
  aggregator: {
    para: 'conta; termina reconstruções e esquecimentos que ficaram no meio',
    keys: ['estado', 'geracoes', 'presencas'],
    commands: ALL,
  },
  api: {
    para: 'responde, e não escreve nada',
    keys: ['estado', 'geracoes'],
    commands: [...READS, ...IN_ONE_STEP],
  },
  operacao: {
    para: 'os comandos de `atendido`',
    keys: ['estado', 'geracoes', 'presencas'],
    commands: ALL,
  },
} as const satisfies Record<string, Rights>;

export type RedisUser = keyof typeof RIGHTS;
export const REDIS_USERS = Object.keys(RIGHTS) as RedisUser[];

export const rightsOf = (user: RedisUser): Rights => RIGHTS[user];

/** What a user is to Redis, in the words of its ACL: a line of its ACL file, or what follows `ACL SETUSER`. */
export function aclOf(user: RedisUser, password: string): string {
  const { keys, commands } = rightsOf(user);
  const hash = createHash('sha256').update(password).digest('hex');
  const patterns = keys.flatMap((family) => KEYS[family].map((pattern) => `~${pattern}`));
  const allowed = [...CONNECTS, ...commands].map((command) => `+${command}`);
  return [user, 'on', `#${hash}`, 'resetkeys', ...patterns, 'resetchannels', '-@all', ...allowed].join(' ');
}
