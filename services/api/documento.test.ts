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
