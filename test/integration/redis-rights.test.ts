import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { ChavesDoShard } from '#platform/estado/chaves.ts';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { inicioDasPresencas } from '#platform/estado/presencas.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { freePorts } from '../../infra/local/ports.ts';
import { type Family, REDIS_USERS, type RedisUser, rightsOf } from '../../infra/redis/acls.ts';
import { type OwnRedis, ownRedis } from './own-redis.ts';

const folder = mkdtempSync(join(tmpdir(), 'atendido-redis-rights-'));
const connections = new Map<RedisUser, RedisConnection>();
let port = 0;
let server: OwnRedis;

const PRESENCES = [0, 2].map((apuracao) => `${inicioDasPresencas(apuracao)}:{p3}:o:OFERTA`);
const STATES = ['at', 'at.2', 'r1', 'r1.2'].map((name) => new ChavesDoShard(3, name).cliente('pf:x'));
/** Keys as the code names them, of each family, and of none. */
const SAMPLES: Readonly<Record<Family | 'alheias', readonly string[]>> = {
  estado: [...STATES, new ChavesDoShard(3).posicao],
  geracoes: ['{geracao}', '{geracao}:trava'],
  presencas: PRESENCES,
  alheias: ['outra', 'at', 'sessao:{1}:x'],
};

/** Commands with a key, and what follows it; of any value that is there: an error of another kind is no refusal. */
const OF_A_KEY: Readonly<Record<string, readonly string[]>> = {
  ...{
    get: [],
    mget: [],
    hget: ['f'],
    hmget: ['f'],
    hgetall: [],
    hkeys: [],
    smembers: [],
    smismember: ['m'],
    exists: [],
  },
  ...{ set: ['v'], mset: ['v'], hset: ['f', 'v'], hsetnx: ['f', 'v'], hincrby: ['f', '1'], hdel: ['f'], sadd: ['m'] },
  ...{ unlink: [], pexpire: ['100000'] },
  // What nobody may.
  ...{ del: [], append: ['v'], rename: ['outra'], getset: ['v'], restore: ['0', 'x'], persist: [], lpush: ['v'] },
};
const OF_ALL: Readonly<Record<string, readonly string[]>> = {
  scan: ['0'],
  ...{ keys: ['*'], flushall: [], flushdb: [], config: ['GET', '*'], acl: ['LIST'], monitor: [], publish: ['c', 'm'] },
  ...{
    script: ['FLUSH'],
    save: [],
    client: ['LIST'],
    cluster: ['NODES'],
    replicaof: ['NO', 'ONE'],
    dbsize: [],
    swapdb: ['0', '1'],
  },
};

beforeAll(async () => {
  const passwords = join(folder, 'senhas');
  mkdirSync(passwords);
  for (const user of REDIS_USERS) writeFileSync(join(passwords, user), `senha de ${user}\n`);
  const args = ['--disable-warning=ExperimentalWarning', 'infra/redis/acl-file.ts', passwords];
  const lines = execFileSync(process.execPath, args, { cwd: PROJECT_ROOT, encoding: 'utf8' });
  expect(lines).not.toContain('senha de');
  writeFileSync(join(folder, 'users.acl'), `user default off\n${lines}`);
  [port = 0] = await freePorts(1);
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  server = await ownRedis(folder);
  server.start([...options, '--aclfile', join(folder, 'users.acl')]);
});
afterAll(() => {
  for (const one of connections.values()) one.disconnect();
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function as(user: RedisUser): Promise<RedisConnection> {
  const known = connections.get(user);
  if (known !== undefined) return known;
  const login = { username: user, password: `senha de ${user}` };
  const redis = connectRedis({ url: `redis://127.0.0.1:${port}`, user: login, ca: null, own: null }, 'teste');
  redis.on('error', () => undefined);
  connections.set(user, redis);
  await expect.poll(() => redis.ping().catch(String), { timeout: 10_000 }).toBe('PONG');
  return redis;
}

/** Whether Redis let somebody do it, whatever came of it. */
const may = (redis: RedisConnection, command: string, ...args: string[]): Promise<boolean> =>
  redis.call(command, ...args).then(
    () => true,
    (error: Error) => !/NOPERM|executing the script can't|ACL failure in script/.test(error.message),
  );

describe.each(REDIS_USERS)('%s', (user) => {
  const { keys, commands } = rightsOf(user);

  it('each command on each kind of key, as the table says and no more', async () => {
    const redis = await as(user);
    const cells = Object.entries(SAMPLES).flatMap(([family, names]) =>
      names.flatMap((key) => Object.entries(OF_A_KEY).map(([command, rest]) => ({ family, key, command, rest }))),
    );
    const found = await Promise.all(
      cells.map(async ({ key, command, rest }) => [`${command} ${key}`, await may(redis, command, key, ...rest)]),
    );
    const told = cells.map(({ family, key, command }) => {
      const allowed = commands.includes(command) && (keys as readonly string[]).includes(family);
      return [`${command} ${key}`, allowed];
    });
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(told));
  });

  it('nothing that is of the whole Redis, but what the table says', async () => {
    const redis = await as(user);
    const found = await Promise.all(
      Object.entries(OF_ALL).map(async ([command, args]) => [command, await may(redis, command, ...args)]),
    );
    expect(found).toEqual(Object.keys(OF_ALL).map((command) => [command, commands.includes(command)]));
  });

  // ioredis hides what it is refused of these, and goes on without.
  it('what a connection needs, to one Redis and to a Cluster', async () => {
    const redis = await as(user);
    const needed = [
      'ping',
      'info',
      'client setname x',
      'cluster slots',
      'cluster info',
      'readonly',
      'readwrite',
      'asking',
    ];
    const found = await Promise.all(
      needed.map(async (line) => {
        const [command = '', ...args] = line.split(' ');
        return [line, await may(redis, command, ...args)];
      }),
    );
    expect(found).toEqual(needed.map((line) => [line, true]));
  });

  it('nothing by a script that it may not do itself', async () => {
    const redis = await as(user);
    const writes = (key: string) => may(redis, 'eval', `return redis.call('SET', '${key}', 'x')`, '0');
    const scripts = commands.includes('eval');
    for (const [family, names] of Object.entries(SAMPLES)) {
      const allowed = scripts && (keys as readonly string[]).includes(family);
      for (const key of names) expect([key, await writes(key)]).toEqual([key, allowed]);
    }
    expect(await may(redis, 'eval', "return redis.call('DEL', 'outra')", '0')).toBe(false);
  });
});

it('the panel cannot write the state of anybody, nor change generations', async () => {
  const api = await as('api');
  await expect(api.set(STATES[0] ?? '', 'x')).rejects.toThrow(/NOPERM/);
  await expect(new Geracoes(api).toma()).rejects.toMatchObject({ code: 'REDIS_NAO_AUTORIZADO' });
});

it('is told on one page what the table says', () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs/redis-cluster.md'), 'utf8');
  for (const user of REDIS_USERS) {
    const { para, keys, commands } = rightsOf(user);
    const list = commands.map((command) => `\`${command}\``).join(' ');
    expect(page).toContain(`| \`${user}\` | ${para} | ${keys.join(', ')} | ${list} |`);
  }
});
