import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { endsWithin } from '../stopping.ts';
import { BatchTrace } from './batch.ts';
import { format, parse } from './traceparent.ts';
import type { Tracing } from './tracing.ts';

const CLOSE_MS = 2_000;
const KINDS = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

/** Traces through a processor: the exporter's, or a test's. Sampling is OpenTelemetry's own variables' to say. */
export function tracingThrough(processor: SpanProcessor, service: string): Tracing {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `atendido-${service}` }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('atendido');
  const traceparentOf: Tracing['traceparentOf'] = (span) => format(span.spanContext());
  return {
    traceparentOf,
    child: (name, { kind, traceparent, attributes = {} }) => {
      const parent = parse(traceparent);
      const context = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      return tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
    },
    batch: (name, traceparents, attributes) =>
      new BatchTrace(tracer, traceparentOf, { name, traceparents, attributes }),
    // A collector that is away keeps nobody from ending.
    close: () =>
      endsWithin(
        CLOSE_MS,
        provider.shutdown().catch(() => undefined),
      ).then(() => undefined),
  };
}

/** Traces by OTLP over HTTP, to where OTEL_EXPORTER_OTLP_ENDPOINT says. */
export function exportTraces(service: string): Tracing {
  return tracingThrough(new BatchSpanProcessor(new OTLPTraceExporter()), service);
}
