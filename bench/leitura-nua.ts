import Fastify from 'fastify';
import { Redis } from 'ioredis';

// What the read side is held against: the same framework, one read of one key, and its bytes in hexadecimal as they are.
const redis = new Redis(process.env.REDIS_URL ?? '');
const app = Fastify({ logger: false });
app.get<{ Querystring: { chave: string } }>('/nua', async ({ query }) => {
  const valor = await redis.getBuffer(query.chave);
  return { chave: query.chave, valor: valor?.toString('hex') ?? null };
});
app.get('/saude/pronto', async () => ({ pronto: true }));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
