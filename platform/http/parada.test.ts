import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Readiness } from '../readiness.ts';
import { criaServidor } from './servidor.ts';

/** A server that is told to stop while it answers a caller who keeps connections open, as balancers do. */
async function parado(begins: boolean) {
  const app = criaServidor({
    ...{ log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 },
  });
  const [asked, stopping] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  app.get('/', async (_request, reply) => {
    async function* answer() {
      if (begins) yield 'a ';
      asked.resolve();
      await stopping.promise;
      yield 'resposta';
    }
    if (begins) return reply.send(Readable.from(answer()));
    return text(answer());
  });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const call = get({ host: '127.0.0.1', port, agent });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  // Where the answer begins before the end is asked for, its head has gone.
  if (begins) await answered;
  await asked.promise;
  const closed = app.close();
  setImmediate(stopping.resolve);
  const [answer] = await answered;
  return { closed, body: await text(answer), connection: answer.headers.connection };
}

describe('a server that is told to stop', () => {
  it('answers what is under way, and says that the connection ends', async () => {
    const { closed, body, connection } = await parado(false);
    expect([body, connection]).toEqual(['resposta', 'close']);
    await closed;
  }, 5_000);

  it('ends the connection of an answer that had begun before', async () => {
    const { closed, body } = await parado(true);
    expect(body).toBe('a resposta');
    await closed;
  }, 5_000);
});
