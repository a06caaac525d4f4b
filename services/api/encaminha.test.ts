import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { RetryableError } from '#platform/errors.ts';
import { criaServidor } from '#platform/http/servidor.ts';
import { Readiness } from '#platform/readiness.ts';
import { encaminhaEscrita } from './encaminha.ts';

it("hands on ingest's 503 at once: asking again is the caller's", async () => {
  const servidor = () =>
    criaServidor({
      ...{ log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry(), bodyLimit: 1_000 },
    });
  const [ingest, frente] = [servidor(), servidor()];
  let pedidos = 0;
  ingest.get('/v1/credenciais', async () => {
    pedidos += 1;
    throw new RetryableError('o Kafka não responde');
  });
  const ingestUrl = await ingest.listen({ host: '127.0.0.1', port: 0 });
  encaminhaEscrita(frente, ingestUrl);
  onTestFinished(async () => {
    await frente.close();
    await ingest.close();
  });
  const { statusCode, headers } = await frente.inject('/v1/credenciais');
  expect([statusCode, headers['retry-after'], pedidos]).toEqual([503, '2', 1]);
});
