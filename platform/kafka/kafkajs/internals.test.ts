import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import Connection from 'kafkajs/src/network/connection.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { expect, it, onTestFinished } from 'vitest';
import { newClient } from './client.ts';
import './internals.ts';

const [LENGTH_BYTES, CORRELATION_AT] = [4, 8];

it('a connection made again after an answer was cut off reads the next answers as they are', async () => {
  let connections = 0;
  const broker = createServer((socket) => {
    connections += 1;
    const cut = connections === 1;
    socket.on('data', (request) => {
      const answer = Buffer.from('____IIIIanswer');
      answer.writeInt32BE(answer.length - LENGTH_BYTES);
      request.copy(answer, LENGTH_BYTES, CORRELATION_AT, CORRELATION_AT + 4);
      if (cut) socket.end(answer.subarray(0, LENGTH_BYTES + 6));
      else socket.write(answer);
    });
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  const { port } = broker.address() as AddressInfo;
  const config = { brokers: [`127.0.0.1:${port}`], clientId: 'teste' };
  const connection = new Connection({
    host: '127.0.0.1',
    port,
    logger: newClient(config).logger(),
    socketFactory: socketFactory(),
    requestTimeout: 1_000,
    connectionTimeout: 1_000,
  });
  onTestFinished(async () => {
    await connection.disconnect();
    broker.close();
  });
  const ask = async () => {
    await connection.connect();
    return connection.send({
      request: { apiKey: 18, apiVersion: 0, apiName: 'ApiVersions', encode: async () => new Encoder() },
      response: { decode: async (raw) => String(raw), parse: async (data) => data },
    });
  };
  await expect(ask()).rejects.toThrow('Closed connection');
  expect(await ask()).toBe('answer');
});
