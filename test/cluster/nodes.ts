import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts } from '../../infra/local/ports.ts';
import { until } from '../integration/until.ts';
import { type Guard, optionsOfGuard } from './guard.ts';

export const MASTERS = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_500;
const PATIENCE_MS = 60_000;

export interface Node {
  port: number;
  id: string;
  process: ChildProcess;
  client: Redis;
}

export interface Options {
  /** Whether a node that was killed has its keys again once it is started. */
  kept?: boolean;
  /** TLS and users; without it anybody may do anything. */
  guard?: Guard;
}

/** A Redis Cluster of three masters, each with a replica, its processes in the hands of the test. */
export class Nodes {
  readonly #folder = mkdtempSync(join(tmpdir(), 'atendido-cluster-'));
  readonly #command: string;
  readonly #options: Options;
  readonly all: Node[] = [];

  private constructor(command: string, options: Options) {
    this.#command = command;
    this.#options = options;
    // A run that is cut short leaves nothing running.
    process.once('exit', () => this.#killAll());
  }

  /** @param command the redis-server program */
  static async start(command: string, options: Options = {}): Promise<Nodes> {
    const nodes = new Nodes(command, options);
    for (const port of await freePorts(2 * MASTERS)) nodes.all.push(await nodes.#start(port));
    await nodes.#join();
    return nodes;
  }

  get url(): string {
    const scheme = this.#options.guard ? 'rediss' : 'redis';
    return this.all.map(({ port }) => `${scheme}://127.0.0.1:${port}`).join(',');
  }

  /** As MIGRATE names them, from one node to another. */
  get credentials(): string[] {
    const { admin } = this.#options.guard ?? {};
    return admin ? ['AUTH2', admin.username, admin.password] : [];
  }

  #spawn(port: number): ChildProcess {
    const dir = join(this.#folder, String(port));
    mkdirSync(dir, { recursive: true });
    const { kept = false, guard } = this.#options;
    const options = {
      ...(guard ? optionsOfGuard(guard, port) : { port }),
      ...{ bind: '127.0.0.1', dir, save: '', appendonly: kept ? 'yes' : 'no' },
      'cluster-enabled': 'yes',
      'cluster-config-file': 'nodes.conf',
      'cluster-node-timeout': NODE_TIMEOUT_MS,
      // However long a replica was without its master, it may take its place.
      'cluster-replica-validity-factor': 0,
      'repl-diskless-sync': 'yes',
      'repl-diskless-sync-delay': 0,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return spawn(this.#command, args, { stdio: 'ignore' });
  }

  async #start(port: number): Promise<Node> {
    const process = this.#spawn(port);
    const { guard } = this.#options;
    const as = guard && { ...guard.admin, tls: { ca: readFileSync(guard.certificates.ca) } };
    const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, ...as }).on('error', () => {});
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
    await until(() => this.whole(), 'the cluster to be whole');
  }

  /** Whether all run, each slot has a master with its replica at hand, and all say so. */
  async whole(): Promise<boolean> {
    // One that still reads its file back is none yet.
    const asked = () => Promise.all(this.all.map((node) => isWhole(node).catch(() => false)));
    return this.all.every(runs) && (await asked()).every(Boolean);
  }

  /** The nodes that answer for slots now, as one that runs says. */
  async masters(): Promise<Node[]> {
    const ranges = await this.#ranges();
    const ports = new Set(ranges.map(([, , [, port]]) => port));
    return this.all.filter(({ port }) => ports.has(port));
  }

  /** The node that answers for a slot now. */
  async ownerOf(slot: number): Promise<Node> {
    const ranges = await this.#ranges();
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
    const owner = this.all.find((node) => node.port === port);
    if (owner === undefined) throw new Error(`nobody answers for slot ${slot}`);
    return owner;
  }

  async #ranges(): Promise<[number, number, [string, number]][]> {
    const asked = this.all.find(runs);
    return (await asked?.client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  }

  /** The other of a master and the replica it began with. */
  partnerOf(node: Node): Node {
    const partner = this.all[(this.all.indexOf(node) + MASTERS) % this.all.length];
    if (partner === undefined) throw new Error(`${node.port} is alone`);
    return partner;
  }

  /** As an operator changes a master and its replica for each other: no write is lost. @returns who is master now */
  async failOver(master: Node): Promise<Node> {
    const replica = this.partnerOf(master);
    await replica.client.call('CLUSTER', 'FAILOVER');
    await this.took(replica);
    return replica;
  }

  /** Waits until a node is a master. */
  took(replica: Node): Promise<void> {
    const isMaster = async () => (await replica.client.info('replication')).includes('role:master');
    return until(isMaster, `${replica.port} to take over`, PATIENCE_MS);
  }

  /** SIGKILL; returns when the process has ended. */
  async kill({ process }: Node): Promise<void> {
    process.kill('SIGKILL');
    await once(process, 'exit');
  }

  /** Starts one again that was killed. */
  again(node: Node): void {
    node.process = this.#spawn(node.port);
  }

  async stop(): Promise<void> {
    for (const { client } of this.all) client.disconnect();
    this.#killAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #killAll(): void {
    for (const { process } of this.all) process.kill('SIGKILL');
  }
}

const runs = ({ process }: Node): boolean => process.exitCode === null && process.signalCode === null;

async function isWhole({ client }: Node): Promise<boolean> {
  const replication = await client.info('replication');
  const linked = replication.includes('role:master') || replication.includes('master_link_status:up');
  const ok = String(await client.cluster('INFO')).includes('cluster_state:ok');
  const slots = (await client.cluster('SLOTS')) as unknown[][];
  // Of each range, who answers for it and who would.
  return linked && ok && slots.length >= MASTERS && slots.every((range) => range.length === 4);
}
