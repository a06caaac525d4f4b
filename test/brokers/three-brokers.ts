import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { driverOf } from '#platform/kafka/platformatic/index.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { KAFKA_USERS, type KafkaUser } from '../../infra/kafka/acls.ts';
import { applyAcls } from '../../infra/kafka/apply-acls.ts';
import { javaCommand } from '../../infra/local/download.ts';
import type { Paths } from '../../infra/local/paths.ts';
import { freePorts, type Ports } from '../../infra/local/ports.ts';
import type { ProcessSpec } from '../../infra/local/process-spec.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { registryServer } from '../../infra/local/registry-server.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import type { LineServers } from '../faults/rig.ts';
import { type Addresses, signalled, supervised } from '../faults/servers.ts';
import { until } from '../integration/until.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { Cluster } from './cluster.ts';
import { ADMIN, NODES, type NodeId, type NodePorts, propertiesOf, rackOf } from './properties.ts';

const START_MS = 120_000;
const run = promisify(execFile);

export type User = KafkaUser | typeof ADMIN;

/** The user that each process of the line is, by its name in the rig. */
export function userOf(name: string): KafkaUser {
  const known = KAFKA_USERS.find((user) => name === user || name.startsWith(`${user}-`));
  return known ?? 'operacao';
}

async function portsOfNodes(): Promise<Record<NodeId, NodePorts>> {
  const ports = await freePorts(NODES.length * 3);
  const of = (node: NodeId): NodePorts => {
    const [clients = 0, brokers = 0, controller = 0] = ports.slice((node - 1) * 3);
    return { clients, brokers, controller };
  };
  return { 1: of(1), 2: of(2), 3: of(3) };
}

/** Three brokers behind TLS and passwords, each with its own folder; a registry and a Redis beside them. */
export class ThreeBrokers implements LineServers {
  readonly direct: Addresses;
  readonly proxied: Addresses;
  readonly certificates: Certificates;
  readonly cluster: Cluster;
  readonly #passwords: ReadonlyMap<User, string>;
  readonly #brokers: Record<NodeId, Supervised>;
  readonly #others: readonly Supervised[];
  readonly #beforeStart = new Map<NodeId, () => Promise<void>>();
  readonly #held: (() => void)[] = [];

  private constructor(
    paths: Paths,
    of: {
      ports: Record<NodeId, NodePorts>;
      certificates: Certificates;
      passwords: ReadonlyMap<User, string>;
      others: readonly ProcessSpec[];
    },
  ) {
    this.certificates = of.certificates;
    this.#passwords = of.passwords;
    const [registry, redis] = of.others;
    this.direct = {
      KAFKA_BROKERS: NODES.map((node) => `127.0.0.1:${of.ports[node].clients}`).join(','),
      SCHEMA_REGISTRY_URL: registry?.endereco ?? '',
      REDIS_URL: redis?.endereco ?? '',
    };
    this.proxied = this.direct;
    this.#others = of.others.map((spec) => supervised(paths, spec));
    this.cluster = new Cluster(this.kafkaOf(ADMIN));
    const cluster = randomBytes(16).toString('base64url');
    const start = (node: NodeId): Supervised => supervised(paths, this.#specOf(node, paths, { ...of, cluster }));
    this.#brokers = { 1: start(1), 2: start(2), 3: start(3) };
  }

  /** Brings all up, with the users and what each of them may do. */
  static async start(paths: Paths, ports: Ports): Promise<ThreeBrokers> {
    const [nodes, certificates] = await Promise.all([
      portsOfNodes(),
      makeCertificates(join(paths.home, 'certificados')),
    ]);
    const passwords = new Map<User, string>(
      [ADMIN, ...KAFKA_USERS].map((user) => [user as User, randomBytes(18).toString('base64url')]),
    );
    const others = [registryServer(paths, ports), await redisServer(paths, ports)];
    const servers = new ThreeBrokers(paths, { ports: nodes, certificates, passwords, others });
    await Promise.all([...servers.#others, ...Object.values(servers.#brokers)].map((one) => one.start()));
    await servers.whole();
    await applyAcls(servers.kafkaOf(ADMIN));
    return servers;
  }

  #specOf(
    node: NodeId,
    paths: Paths,
    {
      ports,
      certificates,
      passwords,
      cluster,
    }: {
      ports: Record<NodeId, NodePorts>;
      certificates: Certificates;
      passwords: ReadonlyMap<User, string>;
      cluster: string;
    },
  ): ProcessSpec {
    const folder = join(paths.data, `kafka-${node}`);
    const data = join(folder, 'registros');
    const config = join(folder, 'server.properties');
    const jvm = ['-Xshare:auto', '-XX:+UseSerialGC', '-cp', join(paths.servers, 'kafka', '*')];
    const users = [...passwords].flatMap(([user, password]) => {
      return ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`];
    });
    return {
      nome: `kafka-${node}`,
      tipo: 'servidor',
      porta: ports[node].clients,
      endereco: `127.0.0.1:${ports[node].clients}`,
      command: javaCommand(),
      args: ['-Xms128m', '-Xmx384m', '-XX:+ExitOnOutOfMemoryError', ...jvm, 'kafka.Kafka', config],
      env: {},
      cwd: paths.home,
      before: async () => {
        await this.#beforeStart.get(node)?.();
        this.#beforeStart.delete(node);
        mkdirSync(data, { recursive: true });
        writeFileSync(config, propertiesOf(node, { data, ports, certificates }));
        if (existsSync(join(data, 'meta.properties'))) return;
        const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '-c', config, ...users];
        await run(javaCommand(), ['-XX:TieredStopAtLevel=1', ...jvm, ...format]);
      },
      probe: () => this.#probe(`127.0.0.1:${ports[node].clients}`),
      readyWithinMs: START_MS,
    };
  }

  /** As a client would find it. */
  async #probe(broker: string): Promise<string | null> {
    const admin = driverOf({ ...this.kafkaOf(ADMIN), brokers: [broker] }).admin();
    try {
      await (await admin).list();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await admin.then((one) => one.close()).catch(() => undefined);
    }
  }

  /** What the test itself is: it writes and reads what it likes. */
  get own(): KafkaConfig {
    return this.kafkaOf(ADMIN);
  }

  /** How a user connects. */
  kafkaOf(user: User): KafkaConfig {
    const env = this.#secrets(user);
    return {
      brokers: this.direct.KAFKA_BROKERS.split(','),
      clientId: `teste-${user}`,
      ssl: true,
      ca: this.ca,
      sasl: { mechanism: 'scram-sha-512', username: user, password: env.KAFKA_SASL_PASSWORD ?? '' },
    };
  }

  get ca(): string {
    return readFileSync(this.certificates.ca, 'utf8');
  }

  #secrets(user: User): Record<string, string> {
    return {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: this.certificates.ca,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD: this.#passwords.get(user) ?? '',
    };
  }

  /** What a process of the line is told beside addresses: a user of its own, and three copies of what it makes. */
  envOf(name: string): Record<string, string> {
    return { ...this.#secrets(userOf(name)), ATENDIDO_REPLICAS: '3', KAFKA_RACK: rackOf(1) };
  }

  isUp(node: NodeId): boolean {
    return this.#brokers[node].state.estado === 'no-ar';
  }

  /** SIGKILL; it is started again by itself. */
  kill(node: NodeId): void {
    signalled(this.#brokers[node], 'SIGKILL');
  }

  /** SIGSTOP: its connections stay, and nothing answers. Killed, or held down, it comes back. */
  freeze(node: NodeId): void {
    signalled(this.#brokers[node], 'SIGSTOP');
  }

  /** SIGKILL, and no start before what it gives is called, which resolves when the broker answers again. */
  holdDown(node: NodeId): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#beforeStart.set(node, () => promise);
    this.#held.push(resolve);
    this.kill(node);
    return () => {
      resolve();
      return until(() => this.isUp(node), `broker ${node} to answer again`, START_MS);
    };
  }

  /** As an operator restarts it: it hands its partitions over, ends, and comes back. */
  async restart(node: NodeId): Promise<void> {
    const { reinicios } = this.#brokers[node].state;
    signalled(this.#brokers[node], 'SIGTERM');
    const back = () => this.isUp(node) && this.#brokers[node].state.reinicios > reinicios;
    await until(back, `broker ${node} to be restarted`, START_MS);
    await this.whole();
  }

  /** Waits until each partition has all its replicas in sync. */
  whole(): Promise<void> {
    return until(
      async () => (await this.cluster.outOfSync().catch(() => ['?'])).length === 0,
      'all replicas',
      START_MS,
    );
  }

  async stop(): Promise<void> {
    for (const node of NODES) this.#beforeStart.set(node, async () => undefined);
    // Of a case that failed in between.
    for (const release of this.#held) release();
    await Promise.all([...Object.values(this.#brokers), ...this.#others].map((one) => one.stop()));
  }
}
