import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisConfig } from '#platform/config-redis.ts';
import type { CodedError } from '#platform/errors.ts';
import { connectRedis, type RedisConnection, toRetryable } from '#platform/redis.ts';
import { freePorts } from '../../infra/local/ports.ts';
import { type Certificates, makeCertificates } from '../brokers/certificates.ts';
import { type OwnRedis, ownRedis } from './own-redis.ts';

const folder = mkdtempSync(join(tmpdir(), 'atendido-redis-tls-'));
/** One Redis; a Cluster of one; one that asks for our certificate; one whose own is of another name. */
const ports = { one: 0, cluster: 0, strict: 0, misnamed: 0 };
let servers: OwnRedis;
const connections: RedisConnection[] = [];
let certificates: Certificates;
let ours: RedisConfig;

const connected = (config: RedisConfig, onRefused?: (why: CodedError) => void): RedisConnection => {
  const redis = connectRedis(config, 'teste', onRefused);
  redis.on('error', () => undefined);
  connections.push(redis);
  return redis;
};

/** Why Redis does not let us in. */
const refusedTo = (config: RedisConfig): Promise<CodedError> =>
  new Promise((resolve) => connected(config, resolve).on('ready', () => resolve(new Error('it let us in') as never)));

beforeAll(async () => {
  certificates = await makeCertificates(folder);
  servers = await ownRedis(folder);
  [ports.one = 0, ports.cluster = 0, ports.strict = 0, ports.misnamed = 0] = await freePorts(4);
  const start = (port: number, more: Record<string, string>): void => {
    const options = {
      ...{ port: '0', 'tls-port': String(port), bind: '127.0.0.1', dir: folder, save: '' },
      ...{ 'tls-cert-file': certificates.cert, 'tls-key-file': certificates.key, 'tls-ca-cert-file': certificates.ca },
      'tls-auth-clients': 'no',
      user: 'api on >segredo ~* +@all -@dangerous +info +cluster|slots +cluster|info',
      ...more,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);
    servers.start(args);
  };
  start(ports.one, {});
  // By itself it would not know its own address.
  const alone = { 'cluster-announce-ip': '127.0.0.1', 'cluster-config-file': 'nodes.conf' };
  start(ports.cluster, { 'cluster-enabled': 'yes', 'tls-cluster': 'yes', ...alone });
  start(ports.strict, { 'tls-auth-clients': 'yes' });
  // The authority's own, which names no address.
  start(ports.misnamed, { 'tls-cert-file': certificates.ca, 'tls-key-file': join(folder, 'ca.key') });
  ours = {
    url: `rediss://127.0.0.1:${ports.one}`,
    user: { username: 'api', password: 'segredo' },
    ca: readFileSync(certificates.ca, 'utf8'),
    own: null,
  };
});

afterEach(() => {
  for (const one of connections.splice(0)) one.disconnect();
});
afterAll(() => {
  servers?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const answers = (config: RedisConfig) => {
  const redis = connected(config);
  return expect.poll(() => redis.ping().catch(String), { timeout: 10_000 }).toBe('PONG');
};

describe.each(['one', 'cluster'] as const)('over TLS (%s)', (which) => {
  const scheme = which === 'cluster' ? 'rediss+cluster' : 'rediss';
  const config = (more: Partial<RedisConfig> = {}, host = '127.0.0.1'): RedisConfig => {
    return { ...ours, url: `${scheme}://${host}:${ports[which]}`, ...more };
  };

  it('lets us in by our authority, under its address and its name, with user and password', async () => {
    if (which === 'cluster') {
      const slots = Array.from({ length: 16_384 }, (_, slot) => slot);
      const node = connected({ ...ours, url: `rediss://127.0.0.1:${ports.cluster}`, user: null });
      await expect.poll(() => node.cluster('ADDSLOTS', ...slots).catch(String), { timeout: 10_000 }).toMatch(/OK|busy/);
    }
    await answers(config());
    await answers(config({}, 'localhost'));
    await answers(config({ user: null, url: config().url.replace('://', '://api:segredo@') }));
  });

  it('says that the authority is not the one, or the name', async () => {
    const { code, message } = await refusedTo(config({ ca: null }));
    expect([code, message]).toEqual(['REDIS_TLS_RECUSADO', expect.stringContaining('SELF_SIGNED')]);
    const misnamed = await refusedTo(config({ url: `${scheme}://127.0.0.1:${ports.misnamed}` }));
    expect([misnamed.code, misnamed.message]).toEqual(['REDIS_TLS_RECUSADO', expect.stringContaining('ALTNAME')]);
  });

  it('says that user or password is wrong, and that a right is missing', async () => {
    const wrong = { user: { username: 'api', password: 'outra' } };
    expect(await refusedTo(config(wrong))).toMatchObject({ code: 'REDIS_RECUSOU_USUARIO' });
    const redis = connected(config());
    await expect.poll(() => redis.ping().catch(String)).toBe('PONG');
    const refused = toRetryable(redis.call('FLUSHALL') as Promise<unknown>);
    await expect(refused).rejects.toMatchObject({ code: 'REDIS_NAO_AUTORIZADO' });
    await expect(refused).rejects.toThrow(/flushall/);
    const inOne = toRetryable(redis.multi().get('x').call('KEYS', '*').exec());
    await expect(inOne).rejects.toMatchObject({ code: 'REDIS_NAO_AUTORIZADO' });
    const inScript = toRetryable(redis.eval("redis.call('KEYS', KEYS[1])", 1, 'x'));
    await expect(inScript).rejects.toMatchObject({ code: 'REDIS_NAO_AUTORIZADO' });
  });
});

it('shows a certificate of its own where one is asked for', async () => {
  const url = `rediss://127.0.0.1:${ports.strict}`;
  expect(await refusedTo({ ...ours, url })).toMatchObject({ code: 'REDIS_TLS_RECUSADO' });
  const own = { cert: readFileSync(certificates.cert, 'utf8'), key: readFileSync(certificates.key, 'utf8') };
  await answers({ ...ours, url, own });
});
