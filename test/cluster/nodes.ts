import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts } from '../integration/stack.ts';
import { until } from '../integration/until.ts';

export const MASTERS = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_500;

export interface Node {
  port: number;
  id: string;
  process: ChildProcess;
  client: Redis;
}

/** A Redis Cluster of three masters, each with a replica, its processes in the hands of the test. */
export class Nodes {
  readonly #folder = mkdtempSync(join(tmpdir(), 'atendido-cluster-'));
  readonly all: Node[] = [];

  /** @param command the redis-server program */
  static async start(command: string): Promise<Nodes> {
    const nodes = new Nodes();
    // A node speaks to the others on its port and ten thousand.
    const free = (await freePorts(60)).filter((port) => port + 10_000 < 65_536).slice(0, 2 * MASTERS);
    for (const port of free) nodes.all.push(await nodes.#start(command, port));
    await nodes.#join();
    return nodes;
  }

  get url(): string {
    return this.all.map(({ port }) => `redis://127.0.0.1:${port}`).join(',');
  }

  async #start(command: string, port: number): Promise<Node> {
    const options = {
      port,
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      'cluster-enabled': 'yes',
      'cluster-config-file': `nodes-${port}.conf`,
      'cluster-node-timeout': NODE_TIMEOUT_MS,
      // However long a replica was without its master, it may take its place.
      'cluster-replica-validity-factor': 0,
      'repl-diskless-sync': 'yes',
      'repl-diskless-sync-delay': 0,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const process = spawn(command, args, { stdio: 'ignore' });
    const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null }).on('error', () => {});
    return { port, id: String(await client.cluster('MYID')), process, client };
  }

  async #join(): Promise<void> {
    for (const [n, { client, port }] of this.all.entries()) {
      if (n < MASTERS) {
        const [from, to] = [Math.floor((n * SLOTS) / MASTERS), Math.floor(((n + 1) * SLOTS) / MASTERS)];
        await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
      }
      await this.all[0]?.client.cluster('MEET', '127.0.0.1', port);
    }
    const knowsAll = async ({ client }: Node) =>
      String(await client.cluster('INFO')).includes(`cluster_known_nodes:${this.all.length}`);
    await until(async () => (await Promise.all(this.all.map(knowsAll))).every(Boolean), 'all nodes to know each other');
    for (const [n, replica] of this.all.slice(MASTERS).entries()) {
      const master = this.all[n];
      if (master !== undefined) await replica.client.call('CLUSTER', 'REPLICATE', master.id);
    }
    await until(async () => (await Promise.all(this.all.map(isWhole))).every(Boolean), 'the cluster to be whole');
  }

  /** The node that answers for a slot now, asked of one that runs. */
  async ownerOf(slot: number): Promise<Node> {
    const asked = this.all.find(({ process }) => process.exitCode === null && process.signalCode === null);
    const ranges = (await asked?.client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
    const owner = this.all.find((node) => node.port === port);
    if (owner === undefined) throw new Error(`nobody answers for slot ${slot}`);
    return owner;
  }

  /** The replica that a master began with. */
  replicaOf(master: Node): Node {
    const replica = this.all[this.all.indexOf(master) + MASTERS];
    if (replica === undefined) throw new Error(`${master.port} has no replica`);
    return replica;
  }

  /** SIGKILL; returns when the process has ended. */
  async kill({ process }: Node): Promise<void> {
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  async stop(): Promise<void> {
    for (const { client, process } of this.all) {
      client.disconnect();
      process.kill('SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function isWhole({ client }: Node): Promise<boolean> {
  const replication = await client.info('replication');
  const linked = replication.includes('role:master') || replication.includes('master_link_status:up');
  const slots = (await client.cluster('SLOTS')) as unknown[][];
  // Of each range, who answers for it and who would.
  return linked && slots.length === MASTERS && slots.every((range) => range.length === 4);
}

/** A slot on its way from one master to another, as `redis-cli --cluster reshard` moves it, step by step. */
export class Move {
  readonly #slot: number;
  readonly #from: Node;
  readonly #to: Node;

  private constructor(slot: number, from: Node, to: Node) {
    [this.#slot, this.#from, this.#to] = [slot, from, to];
  }

  static async begin(nodes: Nodes, slot: number): Promise<Move> {
    const from = await nodes.ownerOf(slot);
    const to = nodes.all.slice(0, MASTERS).find((node) => node !== from);
    if (to === undefined) throw new Error('nowhere to move to');
    await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    return new Move(slot, from, to);
  }

  async keys(): Promise<string[]> {
    return (await this.#from.client.call('CLUSTER', 'GETKEYSINSLOT', this.#slot, 100_000)) as string[];
  }

  async move(keys: readonly string[]): Promise<void> {
    for (let n = 0; n < keys.length; n += 50) {
      const some = keys.slice(n, n + 50);
      await this.#from.client.call('MIGRATE', '127.0.0.1', this.#to.port, '', 0, 5_000, 'KEYS', ...some);
    }
  }

  /** Moves what is left, and says so to all. */
  async end(nodes: Nodes): Promise<void> {
    for (let keys = await this.keys(); keys.length > 0; keys = await this.keys()) await this.move(keys);
    const told = [this.#to, this.#from, ...nodes.all.slice(0, MASTERS)];
    for (const { client } of told) await client.call('CLUSTER', 'SETSLOT', this.#slot, 'NODE', this.#to.id);
  }
}
