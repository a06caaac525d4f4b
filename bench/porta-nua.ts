import Fastify from 'fastify';

// What the door is held against: the same framework, which reads the JSON and answers 202, and keeps nothing.
const app = Fastify({ logger: false, bodyLimit: 8_388_608 });
const parser = app.getDefaultJsonParser('error', 'error');
app.addContentTypeParser(/^application\/cloudevents/, { parseAs: 'string' }, parser);
app.post<{ Body: { id: string } | { id: string }[] }>('/v1/eventos', async ({ body }, reply) => {
  const itens = [body].flat().map(({ id }) => ({ id, estado: 'aceito' }));
  return reply.code(202).send(Array.isArray(body) ? itens : itens[0]);
});
app.get('/saude/pronto', async () => ({ pronto: true }));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
