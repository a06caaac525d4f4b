import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One address for callers, and behind it a list that changes: each request goes to the next of the list. */
export class Balancer {
  /** Requests handed to an address that got no whole answer from it. */
  readonly unanswered: string[] = [];
  /** How many requests each address has answered. */
  readonly answered = new Map<string, number>();
  readonly #addresses: string[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  #turn = 0;

  private constructor(addresses: readonly string[]) {
    this.#addresses = [...addresses];
    this.#server = createServer((asked, reply) => this.#forward(asked, reply));
  }

  static async before(...addresses: string[]): Promise<Balancer> {
    const balancer = new Balancer(addresses);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(address: string): void {
    this.#addresses.push(address);
  }

  /** No request goes there any more; those that are there are waited for by their callers. */
  remove(address: string): void {
    this.#addresses.splice(this.#addresses.indexOf(address), 1);
  }

  #forward(asked: IncomingMessage, reply: ServerResponse): void {
    const address = this.#addresses[this.#turn++ % this.#addresses.length];
    if (address === undefined) return void reply.writeHead(503).end();
    const { method, headers } = asked;
    const onward = request(new URL(asked.url ?? '/', address), { method, headers, agent: this.#agent });
    const failed = (error: Error) => {
      // Who asked went away: nobody waits for an answer.
      if (reply.destroyed) return;
      this.unanswered.push(`${method} ${asked.url} em ${address}: ${error.message}`);
      if (reply.headersSent) reply.destroy();
      else reply.writeHead(502).end();
    };
    onward.once('error', failed);
    onward.once('response', (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once('error', failed);
      answer.once('end', () => this.answered.set(address, (this.answered.get(address) ?? 0) + 1));
      answer.pipe(reply);
    });
    reply.once('close', () => onward.destroy());
    asked.pipe(onward);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }
}
