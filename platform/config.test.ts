import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homeOf, readConfig, readKafkaConfig, resolveClientIdKey, resolvePreviousClientIdKey } from './config.ts';
import { chavesEm } from './config-key.ts';
import { identify, isAlive } from './config-pid.ts';
import { connectLocal, readStackState, type StackState, writeStackState } from './config-stack.ts';
import { DEFAULT_CLIENT } from './kafka/clients.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atendido-config-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const servers = {
  KAFKA_BROKERS: 'a:9092, b:9092',
  SCHEMA_REGISTRY_URL: 'http://r:8081/apis/ccompat/v7/',
  REDIS_URL: 'redis://h:6379',
};
const key = '0123456789abcdef';

function errorOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it did not throw');
}

describe('readConfig', () => {
  it('makes one typed object, with defaults', () => {
    expect(readConfig({ ...servers, ATENDIDO_HOME: home, CLIENT_ID_KEY: key })).toEqual({
      mode: 'local',
      home,
      kafka: {
        ...{ brokers: ['a:9092', 'b:9092'], ssl: false, ca: null, sasl: null },
        ...{ client: DEFAULT_CLIENT, instance: null, rack: null },
      },
      registryUrl: 'http://r:8081/apis/ccompat/v7',
      redis: { url: 'redis://h:6379', user: null, ca: null, own: null },
      clientIdKey: key,
      clientIdKeyAnterior: null,
      port: 18_080,
      host: '127.0.0.1',
      tls: null,
      proxies: [],
      logLevel: 'info',
      partitions: 6,
      replicationFactor: 1,
    });
  });

  it('names every wrong variable at once', () => {
    const { code, message } = errorOf(() =>
      readConfig({
        ATENDIDO_HOME: home,
        ATENDIDO_MODO: 'producao',
        KAFKA_BROKERS: 'semporta',
        REDIS_URL: 'http://h',
        PORT: '70000',
        LOG_LEVEL: 'alto',
        ATENDIDO_KAFKA_CLIENTE: 'outro',
        ATENDIDO_PARTICOES: '0',
        ATENDIDO_INSTANCIA: 'a b',
      }),
    );
    expect(code).toBe('CONFIGURACAO_INVALIDA');
    for (const name of [
      ...[
        'KAFKA_BROKERS',
        'SCHEMA_REGISTRY_URL: é obrigatória',
        'REDIS_URL',
        'PORT',
        'LOG_LEVEL',
        'ATENDIDO_KAFKA_CLIENTE: deve ser kafkajs ou platformatic',
        'ATENDIDO_PARTICOES',
        'ATENDIDO_INSTANCIA',
      ],
      'CLIENT_ID_KEY',
    ]) {
      expect(message).toContain(name);
    }
  });

  it('neither asks for what a process does without, nor gives it on', () => {
    const { REDIS_URL, ...others } = servers;
    const env = { ...others, ATENDIDO_MODO: 'producao', REDIS_SSL_CA: '/nada' };
    const config = readConfig(env, ['REDIS_URL', 'CLIENT_ID_KEY']);
    expect(config.registryUrl).toBe('http://r:8081/apis/ccompat/v7');
    expect(() => config.redis).toThrow('redis');
    expect(() => config.clientIdKey).toThrow('clientIdKey');
    const given = readConfig({ ...env, REDIS_URL, CLIENT_ID_KEY: key }, ['CLIENT_ID_KEY', 'REDIS_URL']);
    expect(() => given.clientIdKey).toThrow('clientIdKey');
  });

  it('asks for both credentials of a mechanism, and never repeats one', () => {
    const env = { ...servers, CLIENT_ID_KEY: key, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'segredo' };
    const { message } = errorOf(() => readConfig(env));
    expect(message).toContain('KAFKA_SASL_USERNAME');
    expect(message).not.toContain('segredo');
  });
});

describe('Kafka over TLS', () => {
  const env = { ...servers, CLIENT_ID_KEY: key };

  it('holds brokers against the authority of a file', () => {
    const file = join(home, 'ca.pem');
    writeFileSync(file, 'PEM');
    expect(readConfig({ ...env, KAFKA_SSL: 'true', KAFKA_SSL_CA: file }).kafka).toMatchObject({ ssl: true, ca: 'PEM' });
    expect(readKafkaConfig({ KAFKA_BROKERS: 'a:1', KAFKA_RACK: 'zona-1' })).toMatchObject({ ca: null, rack: 'zona-1' });
  });

  it.each([
    [{ KAFKA_SSL: 'true', KAFKA_SSL_CA: '/nada/ca.pem' }, 'KAFKA_SSL_CA: o arquivo não pode ser lido'],
    [{ KAFKA_SSL_CA: import.meta.filename }, 'KAFKA_SSL_CA: só com KAFKA_SSL=true'],
    [{ KAFKA_SASL_PASSWORD: 'segredo' }, 'KAFKA_SASL_MECHANISM: é obrigatória com KAFKA_SASL_PASSWORD'],
  ])('%j is an error', (given, message) => {
    expect(errorOf(() => readConfig({ ...env, ...given })).message).toContain(message);
  });
});

describe('Redis', () => {
  const env = { ...servers, CLIENT_ID_KEY: key };

  it('is held against the authority of a file, with user and password beside the address', () => {
    const file = join(home, 'ca.pem');
    writeFileSync(file, 'PEM');
    const given = { REDIS_URL: 'rediss://h', REDIS_SSL_CA: file, REDIS_USERNAME: 'api', REDIS_PASSWORD: 's' };
    expect(readConfig({ ...env, ...given }).redis).toEqual({
      ...{ url: 'rediss://h', user: { username: 'api', password: 's' } },
      ...{ ca: 'PEM', own: null },
    });
    const own = { REDIS_SSL_CERT: file, REDIS_SSL_KEY: file };
    expect(readConfig({ ...env, ...given, ...own }).redis.own).toEqual({ cert: 'PEM', key: 'PEM' });
  });

  it.each([
    [{ REDIS_SSL_CA: import.meta.filename }, 'REDIS_SSL_CA: só com REDIS_URL que comece com rediss'],
    [{ REDIS_URL: 'rediss://h', REDIS_SSL_CA: '/nada/ca.pem' }, 'REDIS_SSL_CA: o arquivo não pode ser lido'],
    [{ REDIS_URL: 'rediss://h', REDIS_SSL_CERT: import.meta.filename }, 'REDIS_SSL_KEY: é obrigatória'],
    [{ REDIS_URL: 'redis://:s@h', REDIS_PASSWORD: 's' }, 'REDIS_PASSWORD: REDIS_URL já diz'],
    [{ REDIS_USERNAME: 'api' }, 'REDIS_PASSWORD: é obrigatória'],
    [{ REDIS_URL: 'rediss://a,redis://b' }, 'REDIS_URL: os endereços devem começar todos igual'],
  ])('%j is an error', (given, message) => {
    expect(errorOf(() => readConfig({ ...env, ...given })).message).toContain(message);
  });
});

describe('TLS', () => {
  const env = { ...servers, CLIENT_ID_KEY: key };

  it('takes both files', () => {
    const files = { ATENDIDO_TLS_CERT: '/x/cert.pem', ATENDIDO_TLS_CHAVE: '/x/key.pem' };
    expect(readConfig({ ...env, ...files }).tls).toEqual({ cert: '/x/cert.pem', key: '/x/key.pem' });
  });

  it.each([
    ['ATENDIDO_TLS_CERT', 'ATENDIDO_TLS_CHAVE'],
    ['ATENDIDO_TLS_CHAVE', 'ATENDIDO_TLS_CERT'],
  ])('%s alone is an error of %s', (given, missing) => {
    expect(errorOf(() => readConfig({ ...env, [given]: '/x.pem' })).message).toContain(`${missing}: é obrigatória`);
  });
});

describe('ATENDIDO_PROXIES', () => {
  const env = { ...servers, CLIENT_ID_KEY: key };

  it('takes addresses and ranges', () => {
    const { proxies } = readConfig({ ...env, ATENDIDO_PROXIES: '10.0.0.7, 10.1.0.0/16,::1,fd00::/8' });
    expect(proxies).toEqual(['10.0.0.7', '10.1.0.0/16', '::1', 'fd00::/8']);
  });

  it.each(['true', 'proxy.local', '10.0.0', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.0/8/8', '*'])(
    'takes no %s: nobody is trusted by a slip',
    (text) => {
      expect(errorOf(() => readConfig({ ...env, ATENDIDO_PROXIES: text })).message).toContain('ATENDIDO_PROXIES: deve');
    },
  );
});

describe('resolveClientIdKey', () => {
  it('makes the key once, for its owner alone', () => {
    const env = { ATENDIDO_HOME: join(home, 'novo') };
    const made = resolveClientIdKey(env);
    expect(Buffer.from(made, 'base64url')).toHaveLength(32);
    expect(resolveClientIdKey(env)).toBe(made);
    expect(statSync(join(home, 'novo/client-id.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(home, 'novo'))).toEqual(['client-id.key']);
  });

  it('makes none in production', () => {
    expect(errorOf(() => resolveClientIdKey({ ATENDIDO_HOME: home, ATENDIDO_MODO: 'producao' })).code).toBe(
      'CHAVE_OBRIGATORIA',
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it('takes a short key of the caller away from production, and refuses it there', () => {
    expect(resolveClientIdKey({ CLIENT_ID_KEY: 'curta' })).toBe('curta');
    expect(errorOf(() => resolveClientIdKey({ CLIENT_ID_KEY: 'curta', NODE_ENV: 'production' })).code).toBe(
      'CHAVE_INVALIDA',
    );
  });

  it('refuses a key that an accident cut short', () => {
    writeFileSync(join(home, 'client-id.key'), '\n');
    const { code } = errorOf(() => resolveClientIdKey({ ATENDIDO_HOME: home }));
    expect(code).toBe('CHAVE_INVALIDA');
    expect(readFileSync(join(home, 'client-id.key'), 'utf8')).toBe('\n');
  });
});

describe('connectLocal', () => {
  const stackOf = (supervisor: StackState['supervisor']): StackState => ({
    supervisor,
    servicos: false,
    ambiente: { KAFKA_BROKERS: 'k:1', SCHEMA_REGISTRY_URL: 'http://r:1', REDIS_URL: 'redis://r:1' },
    processos: [],
  });

  it('takes the addresses of the stack that runs, and the variables before them', () => {
    writeStackState(home, stackOf(identify(process.pid) ?? { pid: 0, inicio: '' }));
    const config = connectLocal({ ATENDIDO_HOME: home, REDIS_URL: 'redis://outro:1' });
    expect(config.kafka.brokers).toEqual(['k:1']);
    expect(config.redis.url).toBe('redis://outro:1');
  });

  it('says that the stack is down where its supervisor is another process now', () => {
    writeStackState(home, stackOf({ pid: process.pid, inicio: 'de outro' }));
    expect(readStackState(home)).not.toBeNull();
    expect(errorOf(() => connectLocal({ ATENDIDO_HOME: home })).code).toBe('PILHA_PARADA');
  });

  it('needs no stack where every server is given', () => {
    expect(connectLocal({ ...servers, ATENDIDO_HOME: home }).redis.url).toBe('redis://h:6379');
  });
});

describe('a process told from another with its number', () => {
  it('is alive by number and start together', () => {
    const me = identify(process.pid);
    expect(me && isAlive(me)).toBe(true);
    expect(me && isAlive({ ...me, inicio: 'outro' })).toBe(false);
    expect(identify(2 ** 22 + 1)).toBeNull();
  });
});

it('keeps data in the project, or where ATENDIDO_HOME says', () => {
  expect(homeOf({})).toMatch(/\/\.atendido$/);
  expect(homeOf({ ATENDIDO_HOME: '/x/y' })).toBe('/x/y');
});

describe('resolvePreviousClientIdKey', () => {
  const antes = (CLIENT_ID_KEY_ANTERIOR: string, mais: object = {}) =>
    resolvePreviousClientIdKey({ CLIENT_ID_KEY: 'a-de-agora', CLIENT_ID_KEY_ANTERIOR, ...mais });

  it('is one key, or all there were, the oldest first, between commas or one a line', () => {
    expect(antes(' ')).toBeNull();
    expect(chavesEm(antes(' a-primeira ') ?? '')).toEqual(['a-primeira']);
    expect(chavesEm(antes('a-primeira, a-segunda,') ?? '')).toEqual(['a-primeira', 'a-segunda']);
    expect(chavesEm(antes('a-primeira\r\n\na,segunda\n') ?? '')).toEqual(['a-primeira', 'a,segunda']);
  });

  it.each([
    ['the same as the key', 'a-primeira,a-de-agora', {}],
    ['one of them twice', 'a-primeira\na-segunda\na-primeira', {}],
    ['without the key', 'a-primeira', { CLIENT_ID_KEY: '' }],
    ['a short one in production', `a-curta\n${'x'.repeat(16)}`, { NODE_ENV: 'production' }],
  ])('refuses %s', (_, texto, mais) => {
    expect(errorOf(() => antes(texto, mais)).code).toBe('CHAVE_INVALIDA');
  });

  it('in production takes between commas what may be one key', () => {
    expect(antes('uma,chave,com,virgulas', { NODE_ENV: 'production' })).toBe('uma,chave,com,virgulas');
  });
});
