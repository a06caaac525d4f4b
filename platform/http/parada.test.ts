import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Readiness } from '../readiness.ts';
import { certificadoDeTeste } from './certificado-de-teste.ts';
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

const LONG_MS = 60_000;
const SHORT_MS = 50;

interface Said {
  words?: string;
  prazoDaParadaMs?: number;
  tls?: boolean;
  handshake?: boolean;
}

/** Once so many bytes have come. */
async function read(socket: Socket, bytes: number): Promise<void> {
  while (socket.bytesRead < bytes) await turn();
}

/** Stops a server whom somebody who is connected has told `words` and no more; ends once that connection has. */
async function stopsWith({ words = '', prazoDaParadaMs = SHORT_MS, tls = false, handshake = tls }: Said) {
  const { cert, key } = certificadoDeTeste();
  const app = criaServidor({
    ...{ log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 },
    ...{ prazoDaParadaMs, tls: tls ? { cert: Buffer.from(cert), key: Buffer.from(key) } : null },
  });
  app.post('/', async () => 'resposta');
  const arrived = Promise.withResolvers<void>();
  app.server.on(handshake ? 'secureConnection' : 'connection', (socket) => {
    if (handshake && words !== '') socket.once('data', () => arrived.resolve());
    // Of bytes that are no handshake yet TLS tells nobody.
    else void read(socket as Socket, words.length).then(arrived.resolve);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const to = { host: '127.0.0.1', port };
  const socket = handshake ? connectTls({ ...to, ca: cert }) : connect(to);
  const ended = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  if (words !== '') socket.write(words);
  socket.resume();
  await arrived.promise;
  await app.close();
  await ended;
}

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n';

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

  it('waits for nobody who never said a word', () => stopsWith({ prazoDaParadaMs: LONG_MS }), 5_000);

  it.each([
    ['half a head', { words: HEAD }],
    ['half a body', { words: `${HEAD}\r\n{"a"` }],
    ['half a body over TLS', { words: `${HEAD}\r\n{"a"`, tls: true }],
    ['nothing after the handshake', { tls: true }],
    ['no whole handshake', { words: '\x16\x03\x01', tls: true, handshake: false }],
  ])('waits for who sent %s no longer than it may', (_, said) => stopsWith(said), 5_000);
});
