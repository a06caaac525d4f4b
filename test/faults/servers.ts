import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaServer } from '../../infra/local/kafka-server.ts';
import { openLog } from '../../infra/local/log-file.ts';
import type { Paths } from '../../infra/local/paths.ts';
import { freePorts, type Ports } from '../../infra/local/ports.ts';
import type { ProcessSpec } from '../../infra/local/process-spec.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { registryServer } from '../../infra/local/registry-server.ts';
import { Supervised } from '../../infra/local/supervised.ts';
import { until } from '../integration/until.ts';
import { TcpProxy } from './proxy.ts';

const START_MS = 90_000;

export const SERVERS = ['kafka', 'registro', 'redis'] as const;
export type ServerName = (typeof SERVERS)[number];

/** Where clients find the servers. */
export type Addresses = Record<'KAFKA_BROKERS' | 'SCHEMA_REGISTRY_URL' | 'REDIS_URL', string>;

const started: Supervised[] = [];
// A test run that is cut short leaves nothing running, whether it ends by itself or vitest ends it.
function killAll(): void {
  for (const { state } of started.splice(0)) if (state.processo !== null) process.kill(state.processo.pid, 'SIGKILL');
}
process.once('exit', killAll);
process.once('SIGTERM', () => {
  killAll();
  process.exit(1);
});

/** A process of the rig: started again whenever it ends, as the local stack's supervisor does. */
export function supervised(paths: Paths, spec: ProcessSpec): Supervised {
  mkdirSync(paths.logs, { recursive: true });
  mkdirSync(paths.data, { recursive: true });
  const file = paths.logOf(spec.nome);
  const one = new Supervised(spec, file, openLog(file, spec.nome), () => undefined);
  started.push(one);
  return one;
}

/** A broker tells its clients where to go on: those behind the proxy must be told the proxy's port. */
function behindProxy(spec: ProcessSpec, paths: Paths, [inner, outer]: readonly [number, number]): ProcessSpec {
  const file = join(paths.data, 'kafka', 'server.properties');
  const before = async () => {
    await spec.before?.();
    const set = (name: string, more: string) => {
      const [, value = ''] = new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(file, 'utf8')) ?? [];
      // Of a property given twice the last one holds.
      appendFileSync(file, `${name}=${value},${more}\n`);
    };
    set('listeners', `PROXY://127.0.0.1:${inner}`);
    set('advertised.listeners', `PROXY://127.0.0.1:${outer}`);
    set('listener.security.protocol.map', 'PROXY:PLAINTEXT');
    appendFileSync(file, 'inter.broker.listener.name=PLAINTEXT\n');
  };
  return { ...spec, before };
}

/** Something to be done once, between a server's end and its next start. */
type BeforeStart = () => Promise<void>;

/** Kafka, registry and Redis, each by itself and behind a proxy, started again whenever they end. */
export class Servers {
  readonly direct: Addresses;
  readonly proxied: Addresses;
  readonly proxies: Record<ServerName, TcpProxy>;
  readonly #processes: Record<ServerName, Supervised>;
  readonly #beforeStart = new Map<ServerName, BeforeStart>();

  private constructor(
    paths: Paths,
    specs: Record<ServerName, ProcessSpec>,
    proxies: Record<ServerName, TcpProxy>,
    direct: Addresses,
  ) {
    this.proxies = proxies;
    this.direct = direct;
    this.proxied = {
      KAFKA_BROKERS: `127.0.0.1:${proxies.kafka.port}`,
      SCHEMA_REGISTRY_URL: direct.SCHEMA_REGISTRY_URL.replace(/:\d+\//, `:${proxies.registro.port}/`),
      REDIS_URL: `redis://127.0.0.1:${proxies.redis.port}`,
    };
    const start = (name: ServerName) => {
      const spec = specs[name];
      const before = async () => {
        await this.#beforeStart.get(name)?.();
        this.#beforeStart.delete(name);
        await spec.before?.();
      };
      return supervised(paths, { ...spec, before });
    };
    this.#processes = { kafka: start('kafka'), registro: start('registro'), redis: start('redis') };
  }

  /** Brings them up, in a data folder that has their programs and ports. */
  static async start(paths: Paths, ports: Ports): Promise<Servers> {
    const [inner = 0, kafka = 0, registro = 0, redis = 0] = await freePorts(4);
    const specs = {
      kafka: behindProxy(kafkaServer(paths, ports), paths, [inner, kafka]),
      registro: registryServer(paths, ports),
      redis: await redisServer(paths, ports),
    };
    const proxies = {
      kafka: new TcpProxy(kafka, inner),
      registro: new TcpProxy(registro, ports.registro),
      redis: new TcpProxy(redis, ports.redis),
    };
    const direct = {
      KAFKA_BROKERS: specs.kafka.endereco ?? '',
      SCHEMA_REGISTRY_URL: specs.registro.endereco ?? '',
      REDIS_URL: specs.redis.endereco ?? '',
    };
    const servers = new Servers(paths, specs, proxies, direct);
    await Promise.all(Object.values(proxies).map((proxy) => proxy.set('open')));
    await Promise.all(Object.values(servers.#processes).map((one) => one.start()));
    return servers;
  }

  pid(name: ServerName): number {
    return pidOf(this.#processes[name]);
  }

  isUp(name: ServerName): boolean {
    return this.#processes[name].state.estado === 'no-ar';
  }

  /** SIGKILL; it is started again by itself. @param beforeStart done in between, while it is down */
  kill(name: ServerName, beforeStart?: BeforeStart): void {
    if (beforeStart !== undefined) this.#beforeStart.set(name, beforeStart);
    signalled(this.#processes[name], 'SIGKILL');
  }

  /** SIGKILL, and no start before what it gives is called, which resolves when the server answers again. */
  holdDown(name: ServerName): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.kill(name, () => promise);
    return () => {
      resolve();
      return until(() => this.isUp(name), `${name} to answer again`, START_MS);
    };
  }

  signal(name: ServerName, signal: NodeJS.Signals): void {
    signalled(this.#processes[name], signal);
  }

  async stop(): Promise<void> {
    for (const name of SERVERS) this.#beforeStart.set(name, async () => undefined);
    await Promise.all(Object.values(this.#processes).map((one) => one.stop()));
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
  }
}

function pidOf({ spec, state }: Supervised): number {
  if (state.processo === null) throw new Error(`${spec.nome} não está no ar`);
  return state.processo.pid;
}

/** @throws Error it does not run */
export function signalled(one: Supervised, signal: NodeJS.Signals): void {
  process.kill(pidOf(one), signal);
}

/** What a service is told: addresses of servers, of those in `through` the proxy's. */
export function addressesFor(
  { direct, proxied }: Pick<Servers, 'direct' | 'proxied'>,
  through: readonly ServerName[],
): Addresses {
  const of = (name: ServerName) => (through.includes(name) ? proxied : direct);
  return {
    KAFKA_BROKERS: of('kafka').KAFKA_BROKERS,
    SCHEMA_REGISTRY_URL: of('registro').SCHEMA_REGISTRY_URL,
    REDIS_URL: of('redis').REDIS_URL,
  };
}
