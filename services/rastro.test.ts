import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Counter, Histogram, Registry as Metrics } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { EstadosEmBytes } from '#platform/estado/estados-em-bytes.ts';
import type { InputRecord, OutputRecord, Round } from '#platform/kafka/port.ts';
import type { Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { tracingThrough } from '#platform/tracing/export.ts';
import { useTracing } from '#platform/tracing/tracing.ts';
import { Aggregator } from './aggregator/aggregator.ts';
import { criaMedidas } from './aggregator/medidas.ts';
import { roundHandler } from './classifier/round.ts';

const REGISTRY: Registry = { register: async () => 7, idOf: async () => 7, writer: async () => null };
const NOW = Date.parse('2026-03-03T12:00:00-03:00');
const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

afterEach(() => useTracing(null));

/** What was written, as whoever reads it next is handed it. */
const handed = (records: readonly OutputRecord[]): InputRecord[] =>
  records.map(({ key, value, headers = {} }, offset) => ({
    offset,
    timestamp: NOW,
    key: key === null ? null : Buffer.from(key),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)])),
  }));

function roundOf(topic: string, partition: number, records: InputRecord[]) {
  const written: OutputRecord[] = [];
  const batch = { topic, partition, records, next: records.length, isStillOurs: () => true };
  const round: Round = { batches: [batch], commit: async (outputs) => void written.push(...outputs) };
  return { round, written };
}

async function classifies(records: InputRecord[]): Promise<OutputRecord[]> {
  const interacoes = await codecFor(REGISTRY, 'interacoes');
  const classifier = {
    apuracoes: new Apuracoes(await loadRulebooks()),
    esquecimentos: new Esquecimentos(),
    portfolio: new PortfolioEmMemoria(),
    interacoes,
    classificadas: new ClassificadaEncoder(interacoes, await codecFor(REGISTRY, 'interacoes-contabilizadas')),
    quarentenas: await codecFor(REGISTRY, 'interacoes-em-quarentena'),
    lotes: await codecFor(REGISTRY, 'lancamentos'),
  };
  const registers = [new Metrics()];
  const metrics = {
    records: new Counter({ name: 'a_total', help: 'a', labelNames: ['resultado', 'motivo'] as const, registers }),
    seconds: new Histogram({ name: 'b_seconds', help: 'b', registers }),
  };
  const nothing = async () => undefined;
  const options = { classifier, follower: { caughtUp: nothing }, paraDecidir: nothing, partitions: 1, metrics };
  const { round, written } = roundOf('interacoes', 0, records);
  await roundHandler(options)(round);
  return written;
}

async function aggregates(records: InputRecord[]): Promise<void> {
  // A Redis that keeps nothing: what is asked here is who is told of the commit.
  const escritor: Partial<EscritorDeEstado> = {
    assume: async () => 0,
    apuracao: () => 0,
    le: async (_particao, titulares) => ({
      posicao: 0,
      estados: new EstadosEmBytes(new Map(titulares.map((t) => [t, null]))),
    }),
    gravacao: () => ({ chaves: [], argumentos: [] }),
    aplica: async () => ({ kind: 'aplicada' }),
  };
  const aggregator = new Aggregator({
    escritor: escritor as EscritorDeEstado,
    lotes: await codecFor(REGISTRY, 'lancamentos'),
    clientesAtendidos: await codecFor(REGISTRY, 'clientes-atendidos'),
    seguidas: { apuracoes: new Apuracoes(await loadRulebooks()), caughtUp: async () => undefined },
    medidas: criaMedidas(new Metrics()),
  });
  await aggregator.assume({ topic: 'lancamentos', partition: 0 });
  await aggregator.aplica(roundOf('lancamentos', 0, records).round);
}

it('is one trace from a call to the commit, through the steps of classifier and aggregator', async () => {
  const exporter = new InMemorySpanExporter();
  const traced = tracingThrough(new SimpleSpanProcessor(exporter), 'teste');
  useTracing(traced);
  const call = traced.child('POST /v1/eventos', { kind: 'server', traceparent: CALLER });
  const sent: OutputRecord[] = [];
  const value = (await codecFor(REGISTRY, 'interacoes')).encode({
    ...INTERACAO_VAZIA,
    ...{ source: 'portal', id: 'c1', tipoInteracao: 'acesso-conteudo', tipoSolucao: 'orientacao-tecnica' },
    ...{ time: NOW, unidade: 'SP', canal: 'portal', conteudoId: 'C-1', natureza: 'tecnico', acao: 'acesso' },
    cliente: { pf: 'pf:AAAAAAAAAAAAAAAAAAAAAA', pj: null, naoIdentificado: null },
  });
  const records = [{ topic: 'interacoes', key: 'k', value, headers: {} }];
  const header = traced.traceparentOf(call);
  sent.push(...records.map((r) => ({ ...r, headers: { traceparent: header ?? '' } })));
  const outputs = await classifies(handed(sent));
  await aggregates(handed(outputs.filter(({ topic }) => topic === 'lancamentos')));
  call.end();
  const spans = exporter.getFinishedSpans();
  const named = (name: string) => spans.find((span) => span.name === name) ?? expect.fail(`no span ${name}`);
  const chain = ['POST /v1/eventos', 'classifica', 'grava no Redis'].map(named);
  for (const span of chain) expect(span.spanContext().traceId).toBe(CALLER.split('-')[1]);
  for (const [n, span] of chain.entries()) {
    const parent = n === 0 ? CALLER.split('-')[2] : chain[n - 1]?.spanContext().spanId;
    expect(span.parentSpanContext?.spanId).toBe(parent);
  }
  const linked = ['classifica (lote)', 'grava no Redis (lote)'].map((name) =>
    named(name).links.map((l) => l.context.traceId),
  );
  expect(linked).toEqual(Array(2).fill([CALLER.split('-')[1]]));
});
