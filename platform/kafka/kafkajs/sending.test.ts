import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RetryableError } from '../../errors.ts';
import type { KafkaConfig } from '../settings.ts';
import { CONNECTION } from './client.ts';
import './internals.ts';
import { MessageSlice } from './records.ts';
import { newSending } from './sending.ts';

const [PRODUCE, METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE] = [0, 3, 17, 18, 36];
const [NOT_ENOUGH_REPLICAS, SASL_AUTHENTICATION_FAILED] = [19, 58];
const SASL = { mechanism: 'scram-sha-512', username: 'u', password: 's' } as const;

/** What a broker does with a request: what it answers, if anything. */
type Answers = (apiKey: number, socket: Socket) => Encoder | null | Promise<Encoder | null>;

const versions = () => {
  const known = [PRODUCE, METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE].map((key) => {
    const newest = { [PRODUCE]: 3, [METADATA]: 1, [SASL_HANDSHAKE]: 1 }[key] ?? 0;
    return new Encoder().writeInt16(key).writeInt16(0).writeInt16(newest);
  });
  return new Encoder().writeInt16(0).writeArray(known).writeInt32(0);
};
const mechanisms = () => new Encoder().writeInt16(0).writeArray(['SCRAM-SHA-512']);

/** A broker of whose protocol there is only what it is asked here. */
async function fakeBroker(answers: Answers, connected: (socket: Socket) => void = () => {}): Promise<number> {
  const sockets = new Set<Socket>();
  const broker = createServer((socket) => {
    sockets.add(socket);
    connected(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', async (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const request = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + request.length);
        const answer = await answers(request.readInt16BE(0), socket);
        if (answer === null) continue;
        const body = new Encoder().writeInt32(request.readInt32BE(4)).writeEncoder(answer);
        socket.write(new Encoder().writeInt32(body.size()).writeEncoder(body).buffer);
      }
    });
  });
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    broker.close();
  });
  return (broker.address() as AddressInfo).port;
}

const configOf = (ports: number[], more: Partial<KafkaConfig> = {}): KafkaConfig => ({
  brokers: ports.map((port) => `127.0.0.1:${port}`),
  clientId: 'teste',
  ...more,
});

const cuts: [string, (socket: Socket) => void][] = [
  ['reset', (socket) => socket.resetAndDestroy()],
  ['ended', (socket) => socket.end()],
];
it.each(cuts)('a connection that is %s while it authenticates is of a broker that is away', async (_, cut) => {
  const port = await fakeBroker((apiKey, socket) => {
    if (apiKey === API_VERSIONS) return versions();
    if (apiKey === SASL_HANDSHAKE) return mechanisms();
    cut(socket);
    return null;
  });
  await expect(newSending(configOf([port], { sasl: SASL }), false)).rejects.toBeInstanceOf(RetryableError);
});

it('a user who is refused is told so, and nothing stays connected', async () => {
  const ended = Promise.withResolvers<void>();
  const port = await fakeBroker(
    (apiKey) => {
      if (apiKey === API_VERSIONS) return versions();
      if (apiKey === SASL_HANDSHAKE) return mechanisms();
      return new Encoder().writeInt16(SASL_AUTHENTICATION_FAILED).writeString('refused').writeBytes(Buffer.alloc(0));
    },
    (socket) => void socket.once('end', ended.resolve),
  );
  const refused = newSending(configOf([port], { sasl: SASL }), false);
  await expect(refused).rejects.toMatchObject({ code: 'KAFKA_RECUSOU_USUARIO' });
  await ended.promise;
});

it('goes on from a broker that takes the connection and stands still', async () => {
  const { authenticationTimeout } = CONNECTION;
  onTestFinished(() => {
    CONNECTION.authenticationTimeout = authenticationTimeout;
    vi.restoreAllMocks();
  });
  CONNECTION.authenticationTimeout = 200;
  // The first of the list first.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const frozen = await fakeBroker(() => null);
  const other = await fakeBroker(versions);
  const sending = await newSending(configOf([frozen, other]), false);
  await sending.close();
});

it('a send that no broker answers ends when the sender is closed', async () => {
  const asked = Promise.withResolvers<void>();
  const port = await fakeBroker((apiKey) => {
    if (apiKey === API_VERSIONS) return versions();
    asked.resolve();
    return null;
  });
  const sending = await newSending(configOf([port]), false);
  const sent = sending.send([sliceOf(0)]).catch((error: unknown) => error);
  await asked.promise;
  await sending.close();
  expect(await sent).toBeInstanceOf(RetryableError);
});

function sliceOf(partition: number): MessageSlice {
  const slice = new MessageSlice('t', partition);
  slice.add({ topic: 't', key: 'k', value: Buffer.from('v') });
  return slice;
}

/** Partition 0 is led by node 0, partition 1 by node 1. */
function metadata(ports: number[]): Encoder {
  const brokers = ports.map((port, node) => {
    return new Encoder().writeInt32(node).writeString('127.0.0.1').writeInt32(port).writeString(null);
  });
  const partitions = ports.map((_, node) => {
    return new Encoder().writeInt16(0).writeInt32(node).writeInt32(node).writeArray([node]).writeArray([node]);
  });
  const topic = new Encoder().writeInt16(0).writeString('t').writeBoolean(false).writeArray(partitions);
  return new Encoder().writeArray(brokers).writeInt32(0).writeArray([topic]);
}

function produced(partition: number, errorCode: number): Encoder {
  const one = new Encoder().writeInt32(partition).writeInt16(errorCode).writeInt64('0').writeInt64('-1');
  const topic = new Encoder().writeString('t').writeArray([one]);
  return new Encoder().writeArray([topic]).writeInt32(0);
}

it('a round is sent again only when those who still have it have answered', async () => {
  const heard: string[] = [];
  const held = Promise.withResolvers<void>();
  const ports: number[] = [];
  const answersOf = (node: number): Answers => {
    let produces = 0;
    return async (apiKey) => {
      if (apiKey === API_VERSIONS) return versions();
      if (apiKey === METADATA) return metadata(ports);
      produces += 1;
      heard.push(`${node} asked ${produces}`);
      if (produces > 1) return produced(node, 0);
      if (node === 0) {
        // By then the other one has what is for it.
        await expect.poll(() => heard).toContain('1 asked 1');
        // Long enough for who would not wait: its first pause is 200 ms at most.
        setTimeout(held.resolve, 1_000);
        return produced(node, NOT_ENOUGH_REPLICAS);
      }
      await held.promise;
      heard.push('1 answers');
      return produced(node, 0);
    };
  };
  ports.push(await fakeBroker(answersOf(0)), await fakeBroker(answersOf(1)));
  const sending = await newSending(configOf(ports), false);
  onTestFinished(() => sending.close());
  await sending.send([sliceOf(0), sliceOf(1)]);
  expect(heard.slice(0, heard.indexOf('1 asked 2'))).toContain('1 answers');
});
