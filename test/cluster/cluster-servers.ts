import { kafkaServer } from '../../infra/local/kafka-server.ts';
import type { Paths } from '../../infra/local/paths.ts';
import type { Ports } from '../../infra/local/ports.ts';
import { redisServer } from '../../infra/local/redis-server.ts';
import { registryServer } from '../../infra/local/registry-server.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import type { LineServers } from '../faults/rig.ts';
import { type Addresses, supervised } from '../faults/servers.ts';
import { Nodes } from './nodes.ts';

/** A Redis Cluster, and Kafka and registry beside it. */
export class ClusterServers implements LineServers {
  readonly direct: Addresses;
  readonly proxied: Addresses;
  readonly nodes: Nodes;
  readonly #others: readonly Supervised[];

  private constructor(nodes: Nodes, others: readonly Supervised[]) {
    this.nodes = nodes;
    this.#others = others;
    const [kafka = '', registry = ''] = others.map(({ spec }) => spec.endereco ?? '');
    this.direct = { KAFKA_BROKERS: kafka, SCHEMA_REGISTRY_URL: registry, REDIS_URL: nodes.url };
    this.proxied = this.direct;
  }

  static async start(paths: Paths, ports: Ports): Promise<ClusterServers> {
    const others = [kafkaServer(paths, ports), registryServer(paths, ports)].map((spec) => supervised(paths, spec));
    const { command } = await redisServer(paths, ports);
    const [nodes] = await Promise.all([Nodes.start(command, { kept: true }), ...others.map((one) => one.start())]);
    return new ClusterServers(nodes, others);
  }

  async stop(): Promise<void> {
    await Promise.all([this.nodes.stop(), ...this.#others.map((one) => one.stop())]);
  }
}
