import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { ERROS_HTTP, PROBLEMA } from '#platform/http/erros.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import { Readiness } from '#platform/readiness.ts';
import { criaApi } from './app.ts';

interface Operacao {
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, { schema: object }> }>;
}
let app: Servidor;
let paths: Record<string, Record<string, Operacao>>;
let openapi: string;

beforeAll(async () => {
  const opcoes = { log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry() };
  app = await criaApi({ ...opcoes, dependencias: () => null, ingestUrl: 'http://127.0.0.1:1' });
  const documento = (await app.inject('/openapi.json')).json();
  paths = documento.paths;
  openapi = documento.openapi;
});
afterAll(() => app.close());

const operacoes = () => Object.entries(paths).flatMap(([url, p]) => Object.entries(p).map(([m, o]) => ({ url, m, o })));

it('is 3.1, with each media type of an event and what it holds', () => {
  expect(openapi).toBe('3.1.0');
  const content = paths['/v1/eventos']?.post?.requestBody?.content ?? {};
  expect(Object.keys(content).sort()).toEqual([
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
    'application/x-ndjson',
  ]);
  expect(content['application/json']?.schema).toMatchObject({ type: 'object' });
  expect(content['application/cloudevents-batch+json']?.schema).toMatchObject({ type: 'array' });
  expect(content['application/x-ndjson']?.schema).toMatchObject({ type: 'string' });
});

it('its examples are events that the door takes', () => {
  const content = Object.entries(paths['/v1/eventos']?.post?.requestBody?.content ?? {});
  for (const [tipo, { example: exemplo }] of content) {
    const evento = typeof exemplo === 'string' ? JSON.parse(exemplo) : Array.isArray(exemplo) ? exemplo[0] : exemplo;
    const lido = leEvento(evento, pseudonimizador('uma chave qualquer'));
    expect(lido, tipo).toMatchObject({ ok: true, documentoInvalido: null, desconhecidos: [] });
  }
});

it('every refusal is problem+json and names its codes; who is to wait is told how long', () => {
  const recusas = operacoes().flatMap(({ url, o }) =>
    Object.entries(o.responses).filter(([status]) => Number(status) >= 400 && url !== '/saude/pronto'),
  );
  for (const [status, { content, headers, description }] of recusas) {
    expect(Object.keys(content ?? {}), status).toContain(PROBLEMA);
    expect(description).toMatch(/^`[A-Z_]+`: /);
    if (status === '429' || status === '503') expect(headers).toHaveProperty('Retry-After');
  }
  // Told before there is a call to tell it of, or of the caller's network, or of a defect.
  const foraDasChamadas = ['ROTA_DESCONHECIDA', 'CABECALHOS_GRANDES_DEMAIS', 'ERRO_INTERNO'];
  const ditas = recusas.map(([, { description }]) => description).join();
  expect(Object.keys(ERROS_HTTP).filter((c) => !ditas.includes(`\`${c}\``) && !foraDasChamadas.includes(c))).toEqual(
    [],
  );
});

it('every call with a body says what refuses one', () => {
  const comCorpo = operacoes().filter(({ o }) => o.requestBody !== undefined);
  expect(comCorpo.length).toBeGreaterThan(4);
  for (const { url, o } of comCorpo) {
    expect(Object.keys(o.responses), url).toEqual(
      expect.arrayContaining(['400', '401', '403', '408', '413', '415', '503']),
    );
  }
});

it('every call that reads says its parameters, its tag, and that it comes as CSV too', () => {
  const lidas = operacoes().filter(({ o }) => Object.hasOwn(o.responses, '304'));
  expect(lidas.map(({ url }) => url).sort()).toEqual([
    '/v1/clientes/{cliente}',
    '/v1/clientes/{cliente}/entregas',
    '/v1/indicadores',
    '/v1/indicadores/{codigo}',
    '/v1/metricas',
  ]);
  for (const { url, o } of lidas) {
    expect(Object.keys(o.responses[200]?.content ?? {}), url).toEqual(['application/json', 'text/csv']);
    expect([o.responses[200]?.headers, o.responses[304]?.headers], url).toMatchObject([{ ETag: {} }, { ETag: {} }]);
    expect(o.responses[304]?.content, url).toBeUndefined();
    expect(
      o.parameters?.map(({ name }) => name),
      url,
    ).toContain('formato');
  }
  const nomes = (url: string) => paths[url]?.get?.parameters?.map(({ name }) => name).sort();
  const pagina = ['cursor', 'formato', 'limite'];
  expect(nomes('/v1/clientes/{cliente}/entregas')).toEqual(
    [...pagina, 'ano', 'cliente', 'situacao', 'tipoSolucao'].sort(),
  );
  expect(nomes('/v1/indicadores/{codigo}')).toEqual(
    ['ate', 'codigo', 'comparar', 'formato', 'mes', 'modalidade', 'periodo', 'tipoSolucao', 'unidade'].sort(),
  );
  const filtros = ['metrica', 'motivo', 'tipoSolucao', 'propostaValor', 'unidade', 'canal'];
  expect(nomes('/v1/metricas')).toEqual(
    [...pagina, ...filtros, 'de', 'ate', 'dia', 'agrupar', 'comparar', 'ordem'].sort(),
  );
});
