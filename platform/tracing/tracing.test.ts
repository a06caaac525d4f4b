import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../errors.ts';
import type { OutputRecord } from '../kafka/port.ts';
import { tracingThrough } from './export.ts';
import { sendingFor, traceHeader, traceRequests } from './http.ts';
import { format, parse } from './traceparent.ts';
import {
  endingWith,
  MOST_TRACES,
  traceBatch,
  traceparentsOf,
  tracesAreExported,
  tracing,
  useTracing,
} from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;
const OTHER = '00-aaaabbbbccccddddeeeeffff00001111-00f067aa0ba902b8-01';

/** Traces that end up here. */
function traced() {
  const exporter = new InMemorySpanExporter();
  useTracing(tracingThrough(new SimpleSpanProcessor(exporter), 'teste'));
  return { spans: (): ReadableSpan[] => exporter.getFinishedSpans() };
}
afterEach(() => useTracing(null));

/** A server whose one route sends a record and tells what it would forward. */
async function door() {
  const sent: OutputRecord[] = [];
  const app = Fastify();
  traceRequests(app, (request) => request.routeOptions.url ?? '');
  const producer = { send: async (records: readonly OutputRecord[]) => void sent.push(...records) };
  app.get('/saude/vivo', async (request) => traceHeader(request));
  app.post('/v1/eventos', async (request) => {
    await sendingFor(request, producer).send([{ topic: 'interacoes', key: 'k', value: null, headers: { a: 'b' } }]);
    return traceHeader(request);
  });
  return { app, sent, producer };
}

describe('a traceparent', () => {
  it.each([
    ['of a sampled trace', CALLER, true],
    ['of one not sampled', CALLER.replace(/01$/, '00'), false],
    ['of a version to come', CALLER.replace(/^00/, '01'), null],
    ['of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null],
    ['in capitals', CALLER.toUpperCase(), null],
    ['too long', `${CALLER}-x`, null],
    ['missing', undefined, null],
  ])('%s', (_name, text, sampled) => {
    const context = parse(text);
    if (sampled === null) expect(context).toBeNull();
    else expect(format(context ?? expect.fail('not read'))).toBe(sampled ? text : null);
  });
});

describe('traces are exported', () => {
  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('%j: %s', (env, exported) => {
    expect(tracesAreExported(env)).toBe(exported);
  });
});

describe('where traces go nowhere', () => {
  it('nothing is added to a record, and no caller is asked for one', async () => {
    expect(tracing()).toBeNull();
    const { app, sent, producer } = await door();
    const answer = await app.inject({ method: 'POST', url: '/v1/eventos', headers: { traceparent: CALLER } });
    expect(answer.json()).toEqual({});
    expect(sent).toEqual([{ topic: 'interacoes', key: 'k', value: null, headers: { a: 'b' } }]);
    expect(sendingFor({}, producer)).toBe(producer);
    expect(traceBatch('classifica', [{ headers: { traceparent: Buffer.from(CALLER) } }], {})).toBeNull();
  });
});

describe('a request', () => {
  it("goes on with its caller's trace into the log", async () => {
    const { spans } = traced();
    const { app, sent } = await door();
    const answer = await app.inject({ method: 'POST', url: '/v1/eventos', headers: { traceparent: CALLER } });
    const [send, server] = spans();
    expect(server).toMatchObject({ name: 'POST /v1/eventos', attributes: { 'http.response.status_code': 200 } });
    expect(server?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(send?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId);
    expect(answer.json()).toEqual({ traceparent: `00-${TRACE}-${server?.spanContext().spanId}-01` });
    const carried = `00-${TRACE}-${send?.spanContext().spanId}-01`;
    expect(sent[0]?.headers).toEqual({ a: 'b', traceparent: carried });
  });

  it('without one begins a trace, and asking for health none', async () => {
    const { spans } = traced();
    const { app } = await door();
    expect((await app.inject('/saude/vivo')).json()).toEqual({});
    expect(spans()).toEqual([]);
    await app.inject({ method: 'POST', url: '/v1/eventos' });
    expect(spans()).toHaveLength(2);
  });

  it('that nobody samples carries nothing on', async () => {
    const { spans } = traced();
    const { app, sent } = await door();
    await app.inject({ method: 'POST', url: '/v1/eventos', headers: { traceparent: CALLER.replace(/01$/, '00') } });
    expect(spans()).toEqual([]);
    expect(sent[0]?.headers).toEqual({ a: 'b' });
  });
});

describe('a batch of many traces', () => {
  const record = (headers: Record<string, string>) => {
    return { headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)])) };
  };

  it('has a span of its own, and one in each trace, linked both ways', async () => {
    const { spans } = traced();
    const records = [
      record({ traceparent: CALLER }),
      record({ traceparent: OTHER }),
      record({ traceparent: CALLER }),
      record({}),
    ];
    const trace = traceBatch('classifica', records, { n: 4 });
    const carried = trace?.carriedOn(CALLER);
    await endingWith(trace, async () => undefined);
    const [batch, first, second, ...rest] = spans();
    expect(rest).toEqual([]);
    expect(batch?.links.map(({ context }) => context.traceId)).toEqual([TRACE, parse(OTHER)?.traceId]);
    expect(first).toMatchObject({ name: 'classifica', attributes: { n: 4 } });
    expect(first?.spanContext().traceId).toBe(TRACE);
    expect(first?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(first?.links[0]?.context.spanId).toBe(batch?.spanContext().spanId);
    expect(second?.spanContext().traceId).toBe(parse(OTHER)?.traceId);
    expect(carried).toBe(`00-${TRACE}-${first?.spanContext().spanId}-01`);
  });

  it('is what a lot says it holds', () => {
    expect(traceparentsOf(record({ 'atendido-rastros': `${CALLER},${OTHER}`, traceparent: 'x' }))).toEqual([
      CALLER,
      OTHER,
    ]);
  });

  it('ends in error where the work failed, and it fails as before', async () => {
    const { spans } = traced();
    const failed = endingWith(traceBatch('grava', [record({ traceparent: CALLER })], {}), async () => {
      throw new RetryableError('o Redis não responde');
    });
    await expect(failed).rejects.toThrow('o Redis não responde');
    expect(spans().map(({ status }) => status.code)).toEqual([2, 2]);
  });

  it('tells of no more than so many', () => {
    const { spans } = traced();
    const many = Array.from({ length: MOST_TRACES + 10 }, (_, n) => {
      return record({ traceparent: `00-${(n + 1).toString(16).padStart(32, '0')}-00f067aa0ba902b7-01` });
    });
    traceBatch('classifica', many, {})?.end();
    expect(spans()).toHaveLength(MOST_TRACES + 1);
  });

  it('takes no notice of what is no context', () => {
    const { spans } = traced();
    traceBatch('classifica', [record({ traceparent: 'lixo' })], {})?.end();
    expect(spans()).toHaveLength(1);
  });
});
