import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the network between two processes does. */
export type Network =
  /** Everything passes. */
  | 'open'
  /** Connections are refused, and those there are are cut. */
  | 'refusing'
  /** Connections are taken, and nothing passes any more: what a cable pulled out looks like. */
  | 'hanging';

interface Pair {
  client: Socket;
  server: Socket;
}

/** A TCP proxy on 127.0.0.1 with a network that can be cut. */
export class TcpProxy {
  readonly port: number;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  #server: Server | null = null;
  #network: Network = 'open';

  /** @param port where it listens @param target the port on 127.0.0.1 it stands before */
  constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  async set(network: Network): Promise<void> {
    this.#network = network;
    if (network === 'refusing') {
      await this.close();
      return;
    }
    if (this.#server === null) await this.#listen();
    for (const pair of this.#pairs) this.#flow(pair);
  }

  /** Cuts every connection there is, once. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.cut();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  async #listen(): Promise<void> {
    const server = createServer((client) => this.#accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.#server = server;
  }

  #accept(client: Socket): void {
    const pair = { client, server: connect(this.#target, '127.0.0.1') };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      pair.client.destroy();
      pair.server.destroy();
    };
    for (const socket of [pair.client, pair.server]) {
      // Either side may break off at any time: the other one is told so by the end of its connection.
      socket.on('error', end).on('close', end);
      socket.setNoDelay(true);
    }
    this.#flow(pair);
  }

  #flow({ client, server }: Pair): void {
    client.unpipe(server);
    server.unpipe(client);
    if (this.#network === 'open') {
      client.pipe(server);
      server.pipe(client);
      return;
    }
    client.pause();
    server.pause();
  }
}
