import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS } from '#platform/topics.ts';
import { cpfOf } from '../faults/interactions.ts';
import { keysFor } from '../faults/load.ts';
import { Rig, SERVICES } from '../faults/rig.ts';
import { until } from '../integration/until.ts';
import { Collector, type Exported } from './collector.ts';

const PATIENCE_MS = 60_000;

let rig: Rig;
let collector: Collector;

beforeAll(async () => {
  collector = await Collector.start();
  rig = await Rig.servers();
});
afterAll(async () => {
  await rig?.stop();
  await collector?.stop();
});

async function startAll(env: Record<string, string>): Promise<void> {
  await Promise.all(SERVICES.map((name) => rig.start(name, { env })));
}

/** Posts a batch of people's events by the front door, as part of a trace. */
async function post(n: number): Promise<{ traceId: string; spanId: string }> {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const events = Array.from({ length: n }, (_, i) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'sonda',
    type: 'br.com.sebrae.interacao.atendimento',
    time: new Date().toISOString(),
    data: { tipoSolucao: 'orientacao-tecnica', unidade: 'SP', canal: 'telefone', cliente: { pf: { cpf: cpfOf(i) } } },
  }));
  const answer = await fetch(`${rig.url('api')}/v1/eventos`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${(await keysFor(rig)).get('sonda')}`,
      'content-type': 'application/cloudevents-batch+json',
      traceparent: `00-${traceId}-${spanId}-01`,
    },
    body: JSON.stringify(events),
  });
  expect(answer.status).toBe(202);
  return { traceId, spanId };
}

const nameOf = ({ service, name }: Exported): string => `${service.replace('atendido-', '')}: ${name}`;

/** The spans of a trace, once it has come to its end in Redis. */
async function traceOf(traceId: string): Promise<Exported[]> {
  const found = () => collector.spans.filter((span) => span.traceId === traceId);
  await until(() => found().some(({ name }) => name === 'grava no Redis'), 'the commit to be told of', PATIENCE_MS);
  return found();
}

/** From a span down, the first of its children and so on. */
function chainFrom(spanId: string): string[] {
  const next = collector.spans.find((span) => span.parentSpanId === spanId);
  return next === undefined ? [] : [nameOf(next), ...chainFrom(next.spanId)];
}

/** How many records of each topic carry headers of traces. */
async function carried(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of Object.keys(TOPICS)) {
    await rig.kafka.readToEnd(topic, {
      onBatch: ({ records }) => {
        const those = records.filter(({ headers }) => 'traceparent' in headers || 'atendido-rastros' in headers);
        counts.set(topic, (counts.get(topic) ?? 0) + those.length);
      },
    });
  }
  return counts;
}

describe('traces', () => {
  it('go nowhere and cost no header where no collector is named', async () => {
    await startAll({});
    const { traceId } = await post(20);
    const written = async () => {
      let lots = 0;
      const onBatch = ({ records }: { records: readonly unknown[] }): void => {
        lots += records.length;
      };
      await rig.kafka.readToEnd('lancamentos', { onBatch });
      return lots > 0;
    };
    await until(written, 'the ledger to have lots', PATIENCE_MS);
    expect([...(await carried()).values()].filter((n) => n > 0)).toEqual([]);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('are one from the call to the commit in Redis', async () => {
    await startAll({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' });
    const { traceId, spanId } = await post(1);
    await traceOf(traceId);
    // Each process sends its own, when it comes to it.
    const chain = () => chainFrom(spanId);
    await until(() => chain().length >= 5, 'every process to have told of it', PATIENCE_MS);
    expect(chain()).toEqual([
      'api: POST /v1/eventos',
      'ingest: POST /v1/eventos',
      'ingest: envia ao Kafka',
      'classifier: classifica',
      'aggregator: grava no Redis',
    ]);
    const topics = await carried();
    for (const topic of ['interacoes', 'interacoes-contabilizadas', 'lancamentos']) expect(topics.get(topic)).toBe(1);
  });

  it('that come together in a batch are linked from it', async () => {
    // So that all of them wait, and are read at once.
    rig.signal('aggregator', 'SIGSTOP');
    const posted = await Promise.all([post(30), post(30), post(30)]);
    const ledger = () =>
      posted.every(({ traceId }) => {
        return collector.spans.some((span) => span.traceId === traceId && span.name === 'classifica');
      });
    await until(ledger, 'all to be in the ledger', PATIENCE_MS).finally(() => rig.signal('aggregator', 'SIGCONT'));
    for (const { traceId } of posted) {
      const commits = (await traceOf(traceId)).filter(({ name }) => name === 'grava no Redis');
      for (const { links } of commits) expect(links).toHaveLength(1);
      const batches = collector.spans.filter(({ name }) => name === 'grava no Redis (lote)');
      expect(batches.some(({ links }) => links.some((link) => link.traceId === traceId))).toBe(true);
    }
    const together = collector.spans.filter(({ name, links }) => name === 'grava no Redis (lote)' && links.length > 1);
    expect(together.length).toBeGreaterThan(0);
  });
});
