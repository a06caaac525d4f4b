import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '../../errors.ts';
import { Link } from './link.ts';

it('a broker killed while a connection to it authenticates is one that is away, and ends nothing', async () => {
  const broker = createServer((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  broker.listen(0, '127.0.0.1');
  await once(broker, 'listening');
  onTestFinished(() => void broker.close());
  const brokers = [`127.0.0.1:${(broker.address() as AddressInfo).port}`];
  const sasl = { mechanism: 'scram-sha-512', username: 'u', password: 's' } as const;
  const link = new Link({ brokers, clientId: 'teste', sasl });
  onTestFinished(() => link.close());
  await expect(link.ask(() => link.topics(['t']))).rejects.toBeInstanceOf(RetryableError);
});
