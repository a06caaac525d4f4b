import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parse } from './traceparent.ts';

/**
 * What is done once with records of many traces: a span of its own, linked to each of them, and in each trace a span of
 * the same time, linked back. So that a trace reads from the call to the commit, and the batch shows what came together.
 */
export class BatchTrace {
  readonly #batch: Span;
  readonly #children = new Map<string, Span>();
  readonly #traceparentOf: (span: Span) => string | null;

  constructor(
    tracer: Tracer,
    traceparentOf: (span: Span) => string | null,
    { name, traceparents, attributes }: { name: string; traceparents: readonly string[]; attributes: Attributes },
  ) {
    this.#traceparentOf = traceparentOf;
    const parents = traceparents.flatMap((text) => {
      const context = parse(text);
      return context === null ? [] : [{ text, context }];
    });
    const links = parents.map(({ context }) => ({ context }));
    const kind = SpanKind.CONSUMER;
    this.#batch = tracer.startSpan(`${name} (lote)`, { kind, links, attributes }, ROOT_CONTEXT);
    const back = [{ context: this.#batch.spanContext() }];
    for (const { text, context } of parents) {
      const parent: Context = trace.setSpanContext(ROOT_CONTEXT, context);
      this.#children.set(text, tracer.startSpan(name, { kind, links: back, attributes }, parent));
    }
  }

  /** What to carry on of a context that came in; undefined: nothing. */
  carriedOn(traceparent: string): string | undefined {
    const child = this.#children.get(traceparent);
    return child === undefined ? undefined : (this.#traceparentOf(child) ?? undefined);
  }

  /** @param failure what went wrong; none: nothing did */
  end(failure?: string): void {
    for (const span of [this.#batch, ...this.#children.values()]) {
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    }
  }
}
