import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, type Config, homeOf, PROJECT_ROOT, resolveClientIdKey } from '#platform/config.ts';
import { connectLocal } from '#platform/config-stack.ts';
import { RetryableError } from '#platform/errors.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { Kafka, Producer } from '#platform/kafka/port.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { createLogger } from '#platform/logging.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { type Paths, pathsOf } from '../../infra/local/paths.ts';
import { choosePorts, freePorts, type Ports } from '../../infra/local/ports.ts';
import type { ProcessSpec } from '../../infra/local/process-spec.ts';
import { preparationSpec, serviceSpecs } from '../../infra/local/services.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import { temporaryHome } from '../integration/stack.ts';
import { until } from '../integration/until.ts';
import { type Addresses, addressesFor, type ServerName, Servers, signalled, supervised } from './servers.ts';

/** Until a service says what it waits for, on a machine that has other work. */
const PATIENCE_MS = 90_000;

export const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface ServiceOptions {
  /** Another process of the same service: a name and a port of its own. Default: the first. */
  instance?: number;
  /** The servers it reaches by the proxy. */
  through?: readonly ServerName[];
  env?: Readonly<Record<string, string>>;
  /** A copy of the project that it runs from: another version of it. */
  root?: string;
}

/** The same process of a copy of the project. */
function runFrom(root: string, spec: ProcessSpec): ProcessSpec {
  const args = spec.args.map((arg) => arg.replace(PROJECT_ROOT, root));
  return { ...spec, args, cwd: spec.cwd.replace(PROJECT_ROOT, root) };
}

/** Works again while a server is away. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const away = error instanceof RetryableError || (error instanceof CodedError && error.code === 'SERVIDOR_FORA');
      if (!away) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The servers that a line stands on. */
export interface LineServers {
  readonly direct: Addresses;
  /** The same, by the proxies. */
  readonly proxied: Addresses;
  /** What the test itself connects to Kafka with, where it is not what its commands do. */
  readonly own?: Partial<KafkaConfig>;
  /** What a process is told beside addresses, by its name. */
  envOf?(name: string): Record<string, string>;
  stop(): Promise<void>;
}

/** A rig on whatever servers. */
export type AnyRig = Rig<LineServers>;

/** The name under which the commands of a test connect. */
const COMMANDS = 'operacao';

/** The whole line in a data folder of its own, each process in the hands of the test. */
export class Rig<S extends LineServers = Servers> {
  readonly paths: Paths;
  readonly ports: Ports;
  readonly servers: S;
  readonly config: Config;
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly producer: Producer;
  readonly services = new Map<string, Supervised>();
  /** Where a service is called instead of its first process: a balancer. */
  readonly fronts = new Map<ServiceName, string>();
  /** The apuração in force, by whoever applied one: an emptied Redis is filled with what it decided. */
  emVigor = 0;

  private constructor(paths: Paths, ports: Ports, servers: S, producer: Producer, kafka: Kafka) {
    this.paths = paths;
    this.ports = ports;
    this.servers = servers;
    this.producer = producer;
    this.kafka = kafka;
    this.config = connectLocal();
    this.registry = connectRegistry(this.config.registryUrl);
  }

  /**
   * Servers up and prepared; no service yet. The commands of services/cli see this line, by the environment.
   */
  static servers(): Promise<Rig<Servers>> {
    return Rig.on((paths, ports) => Servers.start(paths, ports));
  }

  /** As `servers`, on those that `bring` starts. */
  static async on<S extends LineServers>(bring: (paths: Paths, ports: Ports) => Promise<S>): Promise<Rig<S>> {
    const home = await temporaryHome();
    const paths = pathsOf(home);
    const ports = await choosePorts(paths.ports);
    const servers = await bring(paths, ports);
    process.env.ATENDIDO_HOME = home;
    const own = { ...servers.direct, ...servers.envOf?.(COMMANDS), CLIENT_ID_KEY: resolveClientIdKey() };
    Object.assign(process.env, own);
    const config = { ...connectLocal().kafka, ...servers.own };
    const kafka = createKafka({ ...config, clientId: 'faults', log: createLogger('faults', 'silent') });
    const rig = new Rig(paths, ports, servers, await kafka.producer(), kafka);
    await rig.prepare();
    return rig;
  }

  /** Servers, and one process of each service. */
  static async line(): Promise<Rig<Servers>> {
    const rig = await Rig.servers();
    await rig.startAll();
    return rig;
  }

  async startAll(): Promise<void> {
    await Promise.all(SERVICES.map((name) => this.start(name)));
  }

  /** Creates topics and registers schemas, as those of the project or of a copy of it are. */
  async prepare(root = PROJECT_ROOT): Promise<void> {
    const spec = preparationSpec(this.#env('preparacao', []));
    if (spec === null) throw new Error('falta a preparação');
    await supervised(this.paths, runFrom(root, spec)).start();
  }

  /** Starts a process of a service, in the place of one of this name, and waits until it is ready once. */
  async start(name: ServiceName, options: ServiceOptions = {}): Promise<void> {
    await this.launch(name, options).then((one) => one.start());
  }

  /** As `start`, without waiting for it to be ready. */
  async launch(name: ServiceName, options: ServiceOptions = {}): Promise<Supervised> {
    const { instance = 1, through = [], env = {}, root = PROJECT_ROOT } = options;
    const nome = instance === 1 ? name : `${name}-${instance}`;
    await this.stopService(nome);
    const ports = { ...this.ports };
    if (instance > 1) [ports[name] = 0] = await freePorts(1);
    const spec = serviceSpecs(ports, { ...this.#env(name, through), ...env }).find((one) => one.nome === name);
    if (spec === undefined) throw new Error(`não há o serviço ${name}`);
    const one = supervised(this.paths, {
      ...runFrom(root, spec),
      nome,
      env: { ...spec.env, ATENDIDO_INSTANCIA: nome, ...env },
    });
    this.services.set(nome, one);
    void one.start();
    return one;
  }

  async stopService(nome: string): Promise<void> {
    const one = this.services.get(nome);
    this.services.delete(nome);
    await one?.stop();
  }

  /** Stops all but the first process of each service. */
  async stopOthers(): Promise<void> {
    const others = [...this.services.keys()].filter((name) => /-\d$/.test(name));
    await Promise.all(others.map((name) => this.stopService(name)));
  }

  service(nome: string): Supervised {
    const one = this.services.get(nome);
    if (one === undefined) throw new Error(`${nome} não foi iniciado`);
    return one;
  }

  /** @throws Error it does not run */
  signal(nome: string, signal: NodeJS.Signals): void {
    signalled(this.service(nome), signal);
  }

  url(name: ServiceName): string {
    return this.fronts.get(name) ?? `http://127.0.0.1:${this.ports[name]}`;
  }

  /** Why a service says that it is not ready; null: it is. */
  whyNot(nome: string): Promise<string | null> {
    const { spec, state } = this.service(nome);
    return spec.probe(state.processo?.pid);
  }

  /** Waits until the service says that it is not ready. */
  async saysThatItWaits(nome: string): Promise<void> {
    await until(async () => (await this.whyNot(nome)) !== null, `${nome} to say that it waits`, PATIENCE_MS);
  }

  /** Of each service that is not ready, why; null where all are. */
  async notReady(): Promise<string | null> {
    const names = [...this.services.keys()];
    const causes = await Promise.all(names.map((nome) => this.whyNot(nome)));
    const told = causes.flatMap((why, n) => (why === null ? [] : [`${names[n]}: ${why}`]));
    return told.length === 0 ? null : told.join('; ');
  }

  /** Services that ended by themselves, each time once: when, and what they died of. */
  crashes(): string[] {
    return [...this.services.values()].flatMap(({ spec, state }) => {
      const { ultimaSaida: end } = state;
      return end === null || end.codigo === null ? [] : [`${end.quando} ${spec.nome}: código ${end.codigo}`];
    });
  }

  /** What everybody wrote, for whoever looks into a failure: the data folder goes away with the rig. */
  keepLogs(name: string): string {
    const folder = join(PROJECT_ROOT, 'test-results', 'faults', name.replaceAll(/[^\p{L}\p{N}]+/gu, '-'));
    rmSync(folder, { recursive: true, force: true });
    if (existsSync(this.paths.logs)) cpSync(this.paths.logs, folder, { recursive: true });
    return folder;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map((one) => one.stop()));
    await this.producer.close();
    await this.servers.stop();
    rmSync(this.paths.home, { recursive: true, force: true });
  }

  #env(name: string, through: readonly ServerName[]): Record<string, string> {
    return {
      ...addressesFor(this.servers, through),
      ...this.servers.envOf?.(name),
      ATENDIDO_HOME: homeOf(),
      CLIENT_ID_KEY: resolveClientIdKey(),
      LOG_LEVEL: 'info',
    };
  }
}
