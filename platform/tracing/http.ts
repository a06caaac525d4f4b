import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutputRecord, Producer } from '../kafka/port.ts';
import { TRACEPARENT, tracing } from './tracing.ts';

/** Asked for by machines, again and again. */
const UNTRACED = /^\/(saude\/|metrics$)/;

const spans = new WeakMap<object, Span>();

/** The part of a server that hooks are hung on. */
interface Hooks {
  addHook(name: 'onRequest', hook: (request: FastifyRequest) => Promise<void>): unknown;
  addHook(name: 'onResponse', hook: (request: FastifyRequest, reply: FastifyReply) => Promise<void>): unknown;
}

/** A span for each request, in the caller's trace where it sent one; where traces go nowhere, not even a hook. */
export function traceRequests(app: Hooks, routeOf: (request: FastifyRequest) => string): void {
  const traced = tracing();
  if (traced === null) return;
  app.addHook('onRequest', async (request) => {
    const route = routeOf(request);
    if (UNTRACED.test(route)) return;
    const { traceparent } = request.headers;
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const span = traced.child(`${request.method} ${route}`, {
      kind: 'server',
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      attributes,
    });
    spans.set(request, span);
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
}

/** The request's trace, as a header to send on; nothing where there is none. */
export function traceHeader(request: object): Record<string, string> {
  const span = spans.get(request);
  const traceparent = span === undefined ? null : (tracing()?.traceparentOf(span) ?? null);
  return traceparent === null ? {} : { [TRACEPARENT]: traceparent };
}

type Sender = Pick<Producer, 'send'>;

/** What a request sends by: its records carry the request's trace into the log. */
export function sendingFor(request: object, producer: Sender): Sender {
  const traced = tracing();
  const { traceparent } = traceHeader(request);
  if (traced === null || traceparent === undefined) return producer;
  return {
    send: async (records) => {
      const attributes = { 'messaging.system': 'kafka', 'messaging.batch.message_count': records.length };
      const span = traced.child('envia ao Kafka', { kind: 'producer', traceparent, attributes });
      const carried = traced.traceparentOf(span) ?? traceparent;
      const withTrace = (record: OutputRecord) => ({
        ...record,
        headers: { ...record.headers, [TRACEPARENT]: carried },
      });
      try {
        await producer.send(records.map(withTrace));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'o Kafka não confirmou' });
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
