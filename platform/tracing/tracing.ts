import type { Span } from '@opentelemetry/api';
import { RetryableError } from '../errors.ts';
import type { InputRecord } from '../kafka/port.ts';
import type { BatchTrace } from './batch.ts';

/** W3C: whose trace a record belongs to. */
export const TRACEPARENT = 'traceparent';
/**
 * On a record that many traces led to: their contexts, with commas. A lot of `lancamentos`, which holds their entries; a
 * participation, which a closing and check-ins made.
 */
export const TRACES = 'atendido-rastros';
/** The most contexts that one lot, or one batch, tells of: the rest of the traces end before. */
export const MOST_TRACES = 64;

/** The parts of OpenTelemetry at work here, loaded only where traces are exported. */
export interface Tracing {
  /** The W3C context of a span; null: it is not sampled. */
  traceparentOf(span: Span): string | null;
  /** A span in the trace of `traceparent`, at its place there; without one, or with one that is none: a new trace. */
  child(name: string, options: ChildOptions): Span;
  /** See BatchTrace. */
  batch(name: string, traceparents: readonly string[], attributes: Record<string, string | number>): BatchTrace;
  /** Sends what is left, and no longer than a moment. */
  close(): Promise<void>;
}

export interface ChildOptions {
  kind: 'server' | 'producer' | 'consumer';
  traceparent: string | undefined;
  attributes?: Record<string, string | number>;
}

let current: Tracing | null = null;

/** null: traces go nowhere, and nothing is done about them. */
export const tracing = (): Tracing | null => current;

/** Where OpenTelemetry's own variables say that traces are to go. */
export function tracesAreExported(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/**
 * Exports this process's traces by OTLP over HTTP where OTEL_EXPORTER_OTLP_ENDPOINT is set; else not even the library is
 * loaded. @returns what ends it
 */
export async function startTracing(service: string): Promise<() => Promise<void>> {
  if (!tracesAreExported()) return async () => undefined;
  const { exportTraces } = await import('./export.ts');
  const started = exportTraces(service);
  current = started;
  return async () => {
    current = null;
    await started.close();
  };
}

/** For tests: in the place of what startTracing makes. */
export function useTracing(instead: Tracing | null): void {
  current = instead;
}

/** How a record carries the contexts it is carried on in, one or more: the first is also the one that everybody reads. */
export function headersOf(traceparents: readonly string[]): Record<string, string> {
  const [first = '', ...others] = traceparents.slice(0, MOST_TRACES);
  return others.length === 0
    ? { [TRACEPARENT]: first }
    : { [TRACEPARENT]: first, [TRACES]: [first, ...others].join(',') };
}

/** The contexts that a record carries: its own, or all that led to it. */
export function traceparentsOf({ headers }: Pick<InputRecord, 'headers'>): string[] {
  const many = headers[TRACES];
  if (many !== undefined) return many.toString().split(',');
  const one = headers[TRACEPARENT];
  return one === undefined ? [] : [one.toString()];
}

/** The traces of some records, while `work` is done with all of them at once; null: none is to be told of. */
export function traceBatch(
  name: string,
  records: readonly Pick<InputRecord, 'headers'>[],
  attributes: Record<string, string | number>,
): BatchTrace | null {
  if (current === null) return null;
  const found = new Set(records.flatMap(traceparentsOf));
  return found.size === 0 ? null : current.batch(name, [...found].slice(0, MOST_TRACES), attributes);
}

/** Does the work, and ends the spans with how it went. */
export async function endingWith<T>(trace: BatchTrace | null, work: () => Promise<T>): Promise<T> {
  if (trace === null) return work();
  try {
    const done = await work();
    trace.end();
    return done;
  } catch (error) {
    // What a server says may be long, and is in the log.
    trace.end(error instanceof RetryableError ? 'um servidor não respondeu' : 'erro');
    throw error;
  }
}
