import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Interacao } from '#domain/interacao.ts';
import { type EstadoDaOferta, ofertaVazia } from '#domain/presenca.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { tracingThrough } from '#platform/tracing/export.ts';
import { endingWith, traceBatch, useTracing } from '#platform/tracing/tracing.ts';
import { consolidate, outputsOf, type Presence } from './consolidate.ts';
import { NOW, PF, palestra } from './palestra-fixture.ts';

const REGISTRY: Registry = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const OTHER = 'pf:BBBBBBBBBBBBBBBBBBBBBB';
const { portfolio, checkIn: CHECK_IN, closing: CLOSING } = palestra('PAL/A');
const traceparent = (n: number): string => `00-${String(n).padStart(32, '0')}-00f067aa0ba902b7-01`;
const traceOf = (text: string): number => Number(text.split('-')[1]);

let codec: Codec<Interacao>;
let by: Omit<Parameters<typeof consolidate>[2], 'trace'>;
beforeAll(async () => {
  codec = await codecFor(REGISTRY, 'interacoes');
  by = { rulebooks: await loadRulebooks(), portfolio, apuracao: 0 };
});
afterEach(() => useTracing(null));

function traced(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  useTracing(tracingThrough(new SimpleSpanProcessor(exporter), 'teste'));
  return exporter;
}

const seen = (interacao: Interacao, n: number | null): Presence => ({
  ...{ interacao, disponibilizacaoId: 'PAL/A', registradaEm: NOW, esquecidos: new Set() },
  traceparent: n === null ? undefined : traceparent(n),
});

/** An offer whose batches come one after the other, kept in between as Redis keeps it. */
function offer() {
  let kept: EstadoDaOferta = ofertaVazia('PAL/A');
  return async (...presences: Presence[]) => {
    const state = structuredClone(kept);
    const headers = presences.map((p) => ({
      headers: p.traceparent ? { traceparent: Buffer.from(p.traceparent) } : {},
    }));
    const trace = traceBatch('consolida', headers, {});
    const derived = await endingWith(trace, async () =>
      consolidate(presences, new Map([['PAL/A', state]]), { ...by, trace }),
    );
    kept = {
      ...state,
      participacoes: new Map([...state.participacoes].map(([n, p]) => [n, JSON.parse(JSON.stringify(p))])),
    };
    return outputsOf(derived, codec).map(({ key, headers: told = {} }) => ({
      key,
      first: told.traceparent === undefined ? null : traceOf(String(told.traceparent)),
      all: told['atendido-rastros'] === undefined ? null : String(told['atendido-rastros']).split(',').map(traceOf),
    }));
  };
}

it('goes on in the trace of the closing, and in those of the check-ins of each, however long before', async () => {
  const exporter = traced();
  const fold = offer();
  const another = { ...CHECK_IN, id: 'p9', cliente: { pf: OTHER, pj: null, naoIdentificado: null } };
  expect(await fold(seen(CHECK_IN, 1), seen({ ...CHECK_IN, id: 'p2', etapa: '2' }, 2))).toEqual([]);
  await fold(seen(another, null));
  expect(await fold(seen(CLOSING, 3))).toEqual([
    { key: PF, first: 3, all: [3, 1, 2] },
    { key: OTHER, first: 3, all: null },
  ]);
  const spans = exporter.getFinishedSpans().filter(({ name }) => name === 'consolida');
  expect(spans.map((span) => Number(span.spanContext().traceId))).toEqual([1, 2, 3]);
  for (const span of spans) expect(span.links).toHaveLength(1);
});

it('goes on in those of the check-ins where the closing came in none, and in its own where a check-in is late', async () => {
  traced();
  const fold = offer();
  await fold(seen(CHECK_IN, 1));
  expect(await fold(seen(CLOSING, null))).toEqual([{ key: PF, first: 1, all: null }]);
  const late = { ...CHECK_IN, id: 'p9', cliente: { pf: OTHER, pj: null, naoIdentificado: null } };
  expect(await fold(seen(late, 4))).toEqual([{ key: OTHER, first: 4, all: null }]);
});

it('keeps no more than some of a participant, the last', async () => {
  traced();
  const fold = offer();
  for (let n = 1; n <= 40; n += 1) await fold(seen({ ...CHECK_IN, id: `p${n}`, etapa: String(n) }, n));
  const [derived] = await fold(seen(CLOSING, 50));
  expect(derived?.all).toEqual([50, ...Array.from({ length: 16 }, (_, n) => 25 + n)]);
});

it('carries nothing on where traces go nowhere, even of what was kept while they went somewhere', async () => {
  traced();
  const fold = offer();
  await fold(seen(CHECK_IN, 1));
  useTracing(null);
  expect(await fold(seen(CLOSING, 3))).toEqual([{ key: PF, first: null, all: null }]);
});
