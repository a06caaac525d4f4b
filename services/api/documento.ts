import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Servidor } from '#platform/http/servidor.ts';

const DESCRICAO = `Recebe interações de clientes, decide quais os tornam **atendidos** e responde por cliente e por indicador.

Toda chamada, menos as de saúde e esta documentação, leva \`Authorization: Bearer <chave>\`. Erros são
\`application/problem+json\` (RFC 9457), com um \`codigo\` estável.`;

/** The OpenAPI 3.1 document, from the schemas that check; registered before the routes it is to hold. */
export async function documenta(app: Servidor): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'atendido', version: '1.0.0', description: DESCRICAO },
      components: { securitySchemes: { chave: { type: 'http', scheme: 'bearer' } } },
      security: [{ chave: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list' } });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
