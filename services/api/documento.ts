import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ERROS_HTTP, PROBLEMA } from '#platform/http/erros.ts';
import type { Servidor } from '#platform/http/servidor.ts';

const DESCRICAO = `Recebe interações de clientes, decide quais os tornam **atendidos** e responde por cliente e por indicador.

Toda chamada, menos as de saúde e esta documentação, leva \`Authorization: Bearer <chave>\`. Erros são
\`application/problem+json\` (RFC 9457), com um \`codigo\` estável.`;

type Json = Record<string, unknown>;
type Transforma = typeof jsonSchemaTransform;

const RETRY_AFTER = { 'Retry-After': { type: 'integer', description: 'segundos a esperar' } };

/** The codes that a status may carry, for who reads the document. */
function recusasCom(status: number): string {
  const codigos = Object.entries(ERROS_HTTP).filter(([, e]) => e.status === status);
  return codigos.map(([codigo, { title }]) => `\`${codigo}\`: ${title}`).join('; ');
}

const ehProblema = (esquema: Json): boolean => 'codigo' in ((esquema.properties as Json | undefined) ?? {});

/** A refusal is problem+json; of a batch it may be the list of its items too. */
function resposta(status: number, esquema: Json): Json {
  const formas = (esquema.anyOf as Json[] | undefined) ?? [esquema];
  if (status < 400 || !formas.some(ehProblema)) return esquema;
  const content = formas.map((um) => [ehProblema(um) ? PROBLEMA : 'application/json', { schema: um }] as const);
  const espera = status === 429 || status === 503 ? { headers: RETRY_AFTER } : {};
  return { description: recusasCom(status), content: Object.fromEntries(content), ...espera };
}

function corpoDe(corpos: Readonly<Record<string, z.ZodType>>): Json {
  const content = Object.entries(corpos).map(([tipo, esquema]) => {
    const { $schema: _dialeto, ...schema } = z.toJSONSchema(esquema, { io: 'input' });
    return [tipo, { schema }] as const;
  });
  return { content: Object.fromEntries(content) };
}

const ETIQUETA = { type: 'string', description: 'muda quando a resposta muda' };
const ENLACE = { type: 'string', description: 'rel="next": a próxima página, se há' };

/** An answer that is read comes as CSV too, has a tag, and need not come again. */
function respostaLida(esquema: Json): Json {
  const content = { 'application/json': { schema: esquema }, 'text/csv': { schema: { type: 'string' } } };
  return { description: 'A resposta', headers: { ETag: ETIQUETA, Link: ENLACE }, content };
}
const NAO_MUDOU = { type: 'null', description: 'A resposta é a de If-None-Match', headers: { ETag: ETIQUETA } };

function respostasDe(response: Record<string, Json>, lida: boolean): Json {
  const todas = Object.entries(response).map(([status, um]) => {
    return [status, lida && status === '200' ? respostaLida(um) : resposta(Number(status), um)];
  });
  return { ...Object.fromEntries(todas), ...(lida && { 304: NAO_MUDOU }) };
}

/** What fastify-type-provider-zod makes of the schemas, with the media types of bodies and of refusals. */
const transform: Transforma = (rota) => {
  const { schema, url } = jsonSchemaTransform(rota);
  const { corpos, response, lida, ...resto } = schema as Json;
  return {
    url,
    schema: {
      ...resto,
      ...(corpos === undefined ? {} : { body: corpoDe(corpos as Record<string, z.ZodType>) }),
      ...(response === undefined ? {} : { response: respostasDe(response as Record<string, Json>, lida === true) }),
    },
  };
};

/** The page is written by the package, in English; what it shows is ours. */
const EM_PORTUGUES = {
  title: 'atendido: as chamadas da api',
  js: [{ filename: 'idioma.js', content: "document.documentElement.lang = 'pt-BR';" }],
};

/** The OpenAPI 3.1 document, from the schemas that check; registered before the routes it is to hold. */
export async function documenta(app: Servidor): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'atendido', version: '1.0.0', description: DESCRICAO },
      components: { securitySchemes: { chave: { type: 'http', scheme: 'bearer' } } },
      security: [{ chave: [] }],
    },
    transform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list' }, theme: EM_PORTUGUES });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
