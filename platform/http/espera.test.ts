import { Readable } from 'node:stream';
import { setTimeout as passa } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { Readiness } from '../readiness.ts';
import { deixaCorrer } from './conexao.ts';
import { criaServidor } from './servidor.ts';

const PRAZO_MS = 100;
/** Long enough for several looks at who waits. */
const MUITO_MS = 1_200;

/** A call that waits until it is let go on. */
function espera() {
  const readiness = new Readiness();
  const linhas: string[] = [];
  const log = pino({}, { write: (linha: string) => void linhas.push(linha) });
  const app = criaServidor({
    ...{ log, readiness, metricas: new Registry(), bodyLimit: 1_000 },
    prazoDaEsperaMs: PRAZO_MS,
  });
  const { promise, resolve: segue } = Promise.withResolvers<void>();
  app.get('/', async () => {
    await promise;
    return { feito: true };
  });
  const acabou = Promise.withResolvers<void>();
  app.get('/envia/:quem', async (_request, reply) => {
    await promise;
    setImmediate(acabou.resolve);
    return reply.header('x', 'y').send({ feito: true });
  });
  app.get('/linhas', async (request) => {
    deixaCorrer(request.raw);
    await promise;
    return { feito: true };
  });
  const tarde = new Readable({ read: () => undefined });
  app.get('/tarde', async (_request, reply) => {
    await promise;
    return reply.send(tarde);
  });
  app.get('/fluxo', async (_request, reply) => {
    async function* pedacos() {
      await promise;
      yield 'tudo';
    }
    return reply.send(Readable.from(pedacos()));
  });
  onTestFinished(async () => {
    segue();
    await app.close();
  });
  const pede = (url: string) => app.inject({ url }).then((r) => r);
  return { readiness, pede, segue, acabou: acabou.promise, linhas, tarde, app };
}

it('answers 503 to who waits for a server that is known to be away', async () => {
  const { readiness, pede } = espera();
  readiness.set('kafka', 'sem resposta');
  const { statusCode, headers, body } = await pede('/');
  expect(statusCode).toBe(503);
  expect(headers).toMatchObject({ 'retry-after': '2', 'content-type': expect.stringContaining('problem+json') });
  expect(JSON.parse(body)).toMatchObject({ codigo: 'SERVICO_INDISPONIVEL' });
});

it('answers so also to who waited before it was known', async () => {
  const { readiness, pede } = espera();
  const pedido = pede('/');
  await passa(2 * PRAZO_MS);
  readiness.set('redis', 'sem resposta');
  expect((await pedido).statusCode).toBe(503);
});

it('leaves who has waited for long alone where what was away is back at once', async () => {
  const { readiness, pede, segue } = espera();
  const pedido = pede('/');
  await passa(2 * PRAZO_MS);
  readiness.set('redis', 'sem resposta');
  await passa(MUITO_MS);
  readiness.set('redis', null);
  await passa(MUITO_MS);
  segue();
  expect((await pedido).statusCode).toBe(200);
});

it('leaves a body that may take its time alone, and closes an answer that comes too late', async () => {
  const { readiness, pede, segue, tarde, app } = espera();
  readiness.set('kafka', 'sem resposta');
  const linhas = fetch(`${await app.listen({ port: 0 })}/linhas`);
  expect((await pede('/tarde')).statusCode).toBe(503);
  const fechada = new Promise((resolve) => tarde.once('close', resolve));
  segue();
  expect((await linhas).status).toBe(200);
  await fechada;
});

it('logs nothing of who was asked for when the answer comes after all', async () => {
  const { readiness, pede, segue, acabou, linhas } = espera();
  readiness.set('redis', 'sem resposta');
  expect((await pede('/envia/52998224725')).statusCode).toBe(503);
  segue();
  await acabou;
  expect(linhas.filter((l) => l.includes('52998224725'))).toEqual([]);
  expect(linhas.map((l) => JSON.parse(l).msg)).toEqual(['indisponível']);
});

it('lets what takes long take long while all servers answer, and what comes in a stream also while not', async () => {
  const { readiness, pede, segue } = espera();
  const pedido = pede('/');
  await passa(MUITO_MS);
  segue();
  expect((await pedido).json()).toEqual({ feito: true });

  const outra = espera();
  outra.readiness.set('kafka', 'sem resposta');
  const fluxo = outra.pede('/fluxo');
  await passa(MUITO_MS);
  outra.segue();
  const { statusCode, body } = await fluxo;
  expect([statusCode, body]).toEqual([200, 'tudo']);
  expect(readiness.cause()).toBeNull();
});
