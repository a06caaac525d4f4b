import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaServer } from '../../infra/local/kafka-server.ts';
import type { Paths } from '../../infra/local/paths.ts';
import type { Ports } from '../../infra/local/ports.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { registryServer } from '../../infra/local/registry-server.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import { aclOf, REDIS_USERS, type RedisUser } from '../../infra/redis/acls.ts';
import { makeCertificates } from '../brokers/certificates.ts';
import type { LineServers } from '../faults/rig.ts';
import { type Addresses, supervised } from '../faults/servers.ts';
import type { Guard } from './guard.ts';
import { Nodes } from './nodes.ts';

const secret = (): string => randomBytes(18).toString('base64url');

type Passwords = Readonly<Record<RedisUser, string>>;

/** Certificates and users of this run alone. */
async function guardIn(folder: string, passwords: Passwords): Promise<Guard> {
  mkdirSync(folder, { recursive: true });
  const admin = { username: 'admin', password: secret() };
  const aclFile = join(folder, 'users.acl');
  const users = REDIS_USERS.map((user) => `user ${aclOf(user, passwords[user])}`);
  const others = ['user default off', `user ${admin.username} on >${admin.password} ~* &* +@all`];
  writeFileSync(aclFile, `${[...others, ...users].join('\n')}\n`);
  return { certificates: await makeCertificates(folder), aclFile, admin };
}

/** A Redis Cluster over TLS, each process a user of its own; Kafka and registry beside it. */
export class ClusterServers implements LineServers {
  readonly direct: Addresses;
  readonly proxied: Addresses;
  readonly nodes: Nodes;
  readonly #others: readonly Supervised[];
  readonly #ca: string;
  readonly #passwords: Passwords;

  private constructor(
    nodes: Nodes,
    others: readonly Supervised[],
    { ca, passwords }: { ca: string; passwords: Passwords },
  ) {
    this.nodes = nodes;
    this.#others = others;
    this.#ca = ca;
    this.#passwords = passwords;
    const [kafka = '', registry = ''] = others.map(({ spec }) => spec.endereco ?? '');
    this.direct = { KAFKA_BROKERS: kafka, SCHEMA_REGISTRY_URL: registry, REDIS_URL: nodes.url };
    this.proxied = this.direct;
  }

  static async start(paths: Paths, ports: Ports): Promise<ClusterServers> {
    const others = [kafkaServer(paths, ports), registryServer(paths, ports)].map((spec) => supervised(paths, spec));
    const { command } = await redisServer(paths, ports);
    const passwords = Object.fromEntries(REDIS_USERS.map((user) => [user, secret()])) as Passwords;
    const guard = await guardIn(join(paths.home, 'redis-guarda'), passwords);
    const [nodes] = await Promise.all([
      Nodes.start(command, { kept: true, guard }),
      ...others.map((one) => one.start()),
    ]);
    return new ClusterServers(nodes, others, { ca: guard.certificates.ca, passwords });
  }

  /** What a process is told: a user of its own, if it has one. */
  envOf(name: string): Record<string, string> {
    const user = REDIS_USERS.find((one) => name === one || name.startsWith(`${one}-`));
    const login = user && { REDIS_USERNAME: user, REDIS_PASSWORD: this.#passwords[user] };
    return { ...login, REDIS_SSL_CA: this.#ca };
  }

  async stop(): Promise<void> {
    await Promise.all([this.nodes.stop(), ...this.#others.map((one) => one.stop())]);
  }
}
