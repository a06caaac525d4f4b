import type { Node, Nodes } from './nodes.ts';

/** A slot on its way from one master to another, as `redis-cli --cluster reshard` moves it, step by step. */
export class Move {
  readonly #slot: number;
  readonly #from: Node;
  readonly #to: Node;
  /** How a node says to another who it is, where it must. */
  readonly #as: readonly string[];

  private constructor(slot: number, from: Node, to: Node, as: readonly string[]) {
    [this.#slot, this.#from, this.#to, this.#as] = [slot, from, to, as];
  }

  static async begin(nodes: Nodes, slot: number): Promise<Move> {
    const from = await nodes.ownerOf(slot);
    const to = (await nodes.masters()).find((node) => node !== from);
    if (to === undefined) throw new Error('nowhere to move to');
    await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    return new Move(slot, from, to, nodes.credentials);
  }

  async keys(): Promise<string[]> {
    return (await this.#from.client.call('CLUSTER', 'GETKEYSINSLOT', this.#slot, 100_000)) as string[];
  }

  async move(keys: readonly string[]): Promise<void> {
    for (let n = 0; n < keys.length; n += 50) {
      const some = keys.slice(n, n + 50);
      const to = ['127.0.0.1', this.#to.port, '', 0, 5_000];
      await this.#from.client.call('MIGRATE', ...to, ...this.#as, 'KEYS', ...some);
    }
  }

  /** Moves what is left, and says so to all. */
  async end(nodes: Nodes): Promise<void> {
    for (let keys = await this.keys(); keys.length > 0; keys = await this.keys()) await this.move(keys);
    const told = [this.#to, this.#from, ...(await nodes.masters())];
    for (const { client } of told) await client.call('CLUSTER', 'SETSLOT', this.#slot, 'NODE', this.#to.id);
  }
}
