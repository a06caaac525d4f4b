import { isIP } from 'node:net';
import { z } from 'zod';
import { homeOf } from './config-home.ts';
import { KAFKA_VARIABLES, type KafkaConfig, kafkaOf, kafkaProblems } from './config-kafka.ts';
import { isProduction, resolveClientIdKey, resolvePreviousClientIdKey } from './config-key.ts';
import { REDIS_VARIABLES, type RedisConfig, redisOf, redisProblems } from './config-redis.ts';
import { CodedError } from './errors.ts';

export { homeOf, PROJECT_ROOT } from './config-home.ts';
export { resolveClientIdKey, resolvePreviousClientIdKey } from './config-key.ts';
export { CodedError } from './errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Everything a process is told from outside, read once. */
export interface Config {
  mode: 'local' | 'producao';
  /** Absolute path of the data folder. */
  home: string;
  kafka: KafkaConfig;
  /** Base of the Confluent-compatible API, e.g. `http://127.0.0.1:18081/apis/ccompat/v7`. */
  registryUrl: string;
  redis: RedisConfig;
  clientIdKey: string;
  /** The keys before it, as they were given (`chavesEm`); null: it was never changed. */
  clientIdKeyAnterior: string | null;
  /** HTTP port on 127.0.0.1 (0: any free one). */
  port: number;
  /** The address HTTP listens on. */
  host: string;
  /** Files, PEM, that ingest and the api answer HTTPS with; null: HTTP. */
  tls: { cert: string; key: string } | null;
  /** Addresses, or ranges of them, of the proxies whose word (`X-Forwarded-For`) is taken for who calls; none: nobody's. */
  proxies: readonly string[];
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Partitions of a topic when it is created. */
  partitions: number;
  replicationFactor: number;
}

const required = z.string('é obrigatória').min(1, 'é obrigatória');
const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, 'deve ser um número inteiro')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `deve estar entre ${min} e ${max}`)
    .optional()
    .transform((n) => n ?? fallback);
const url = (protocols: RegExp, example: string) =>
  required.refine(
    (text) => text.split(',').every((one) => URL.canParse(one.trim()) && protocols.test(one.trim())),
    `deve ser um endereço como ${example}`,
  );

/** An address, or a range as `10.0.0.0/8`; everybody is no range: it would take anybody's word. */
function isAddressOrRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
const proxies = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((one) => one.trim() || []))
  .refine(
    (all) => all.every(isAddressOrRange),
    'deve ter endereços ou faixas, como 10.0.0.7,10.1.0.0/16, com vírgulas',
  );

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const schema = z
  .object({
    ATENDIDO_MODO: z.enum(['local', 'producao'], 'deve ser local ou producao').optional(),
    ...KAFKA_VARIABLES,
    SCHEMA_REGISTRY_URL: url(/^https?:/, 'http://127.0.0.1:18081/apis/ccompat/v7'),
    ...REDIS_VARIABLES,
    PORT: integer(0, 65_535, 18_080),
    HOST: z.string().default('127.0.0.1'),
    ATENDIDO_TLS_CERT: z.string().optional(),
    ATENDIDO_TLS_CHAVE: z.string().optional(),
    ATENDIDO_PROXIES: proxies,
    LOG_LEVEL: z.enum(LEVELS, `deve ser ${LEVELS.join(', ')}`).default('info'),
    ATENDIDO_PARTICOES: integer(1, 1_000, 6),
    ATENDIDO_REPLICAS: integer(1, 10, 1),
  })
  .superRefine((env, context) => {
    const [cert, chave] = [env.ATENDIDO_TLS_CERT, env.ATENDIDO_TLS_CHAVE];
    if ((cert === undefined) !== (chave === undefined)) {
      const path = [cert === undefined ? 'ATENDIDO_TLS_CERT' : 'ATENDIDO_TLS_CHAVE'];
      context.addIssue({ code: 'custom', path, message: 'é obrigatória com a outra de TLS' });
    }
  })
  .superRefine((env, context) => {
    for (const { name, message } of [...kafkaProblems(env), ...redisProblems(env)]) {
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

const kafkaSchema = z.object(KAFKA_VARIABLES).superRefine((env, context) => {
  for (const { name, message } of kafkaProblems(env)) context.addIssue({ code: 'custom', path: [name], message });
});

/** What some processes do without: to them it is no secret of theirs. */
export type Unneeded = 'REDIS_URL' | 'CLIENT_ID_KEY';

const OF_UNNEEDED = {
  REDIS_URL: ['redis'],
  CLIENT_ID_KEY: ['clientIdKey', 'clientIdKeyAnterior'],
} as const satisfies Record<Unneeded, readonly (keyof Config)[]>;
/** The environment of one that needs no Redis: the address is one that nobody asks for. */
function withoutRedis(env: Record<string, string>): Record<string, string> {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('REDIS_'));
  return { ...Object.fromEntries(others), REDIS_URL: 'redis://127.0.0.1:1' };
}

/** The same without what this process does not need: asking for that is a bug, even where it was given. */
function withheld(config: Config, unneeded: readonly Unneeded[]): Config {
  for (const part of unneeded.flatMap((variable) => OF_UNNEEDED[variable])) {
    const get = () => {
      throw new TypeError(`este processo não usa ${part}`);
    };
    Object.defineProperty(config, part, { get });
  }
  return config;
}

/** An empty variable is one that was not set. */
function withoutEmpty(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => Boolean(pair[1])));
}

const told = (issues: readonly z.core.$ZodIssue[]): string[] =>
  issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);

const invalid = (problems: readonly string[]): CodedError =>
  new CodedError('CONFIGURACAO_INVALIDA', `a configuração tem erros:\n  ${problems.join('\n  ')}`);

function problemsOf(env: Env, issues: readonly z.core.$ZodIssue[], unneeded: readonly Unneeded[]): string[] {
  const problems = told(issues);
  if (unneeded.includes('CLIENT_ID_KEY')) return problems;
  const keys = { CLIENT_ID_KEY: resolveClientIdKey, CLIENT_ID_KEY_ANTERIOR: resolvePreviousClientIdKey };
  for (const [name, resolve] of Object.entries(keys)) {
    try {
      resolve(env);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  return problems;
}

/**
 * Reads and checks the environment.
 * @param unneeded what is neither asked for nor given on
 * @throws CodedError CONFIGURACAO_INVALIDA naming every variable that is wrong, one a line.
 */
export function readConfig(env: Env = process.env, unneeded: readonly Unneeded[] = []): Config {
  const given = withoutEmpty(env);
  const parsed = schema.safeParse(unneeded.includes('REDIS_URL') ? withoutRedis(given) : given);
  const problems = problemsOf(env, parsed.error?.issues ?? [], unneeded);
  if (!parsed.success || problems.length > 0) {
    throw invalid(problems);
  }
  const read = parsed.data;
  const { ATENDIDO_TLS_CERT: cert, ATENDIDO_TLS_CHAVE: key } = read;
  const withKeys = !unneeded.includes('CLIENT_ID_KEY');
  const config: Config = {
    mode: isProduction(env) ? 'producao' : 'local',
    home: homeOf(env),
    kafka: kafkaOf(read),
    registryUrl: read.SCHEMA_REGISTRY_URL.replace(/\/$/, ''),
    redis: redisOf(read),
    clientIdKey: withKeys ? resolveClientIdKey(env) : '',
    clientIdKeyAnterior: withKeys ? resolvePreviousClientIdKey(env) : null,
    port: read.PORT,
    host: read.HOST,
    tls: cert && key ? { cert, key } : null,
    proxies: read.ATENDIDO_PROXIES,
    logLevel: read.LOG_LEVEL,
    partitions: read.ATENDIDO_PARTICOES,
    replicationFactor: read.ATENDIDO_REPLICAS,
  };
  return withheld(config, unneeded);
}

/** How to reach Kafka, for what needs nothing else. @throws CodedError CONFIGURACAO_INVALIDA */
export function readKafkaConfig(env: Env = process.env): KafkaConfig {
  const parsed = kafkaSchema.safeParse(withoutEmpty(env));
  if (!parsed.success) throw invalid(told(parsed.error.issues));
  return kafkaOf(parsed.data);
}
