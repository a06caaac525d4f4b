import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
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

interface Caller {
  traceId: string;
  spanId: string;
}

/** Posts events by the front door, as part of a trace of their own. */
async function postEvents(bodies: readonly { type: string; data: object }[]): Promise<Caller> {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const events = bodies.map(({ type, data }) => ({
    ...{ specversion: '1.0', id: randomUUID(), source: 'sonda', type: `br.com.sebrae.interacao.${type}` },
    ...{ time: new Date().toISOString(), data: { unidade: 'SP', ...data } },
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
  expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)]);
  return { traceId, spanId };
}

/** Events of so many people, that count, in one call. */
const post = (n: number): Promise<Caller> =>
  postEvents(
    Array.from({ length: n }, (_, i) => {
      const data = { tipoSolucao: 'orientacao-tecnica', canal: 'telefone', cliente: { pf: { cpf: cpfOf(i) } } };
      return { type: 'atendimento', data };
    }),
  );

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

/** From a span down, all that followed: every way to an end. */
function waysFrom(spanId: string): string[][] {
  const next = collector.spans.filter((span) => span.parentSpanId === spanId);
  return next.flatMap((span) => {
    const ways = waysFrom(span.spanId);
    return (ways.length === 0 ? [[]] : ways).map((way) => [nameOf(span), ...way]);
  });
}

/** A lecture that people may come to. */
async function lecture(): Promise<object> {
  const put = async (path: string, body: object): Promise<void> => {
    const headers = { authorization: `Bearer ${resolveChaveOperacao()}`, 'content-type': 'application/json' };
    const answer = await fetch(`${rig.url('api')}/v1/portfolio/${path}`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(body),
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  };
  await put('solucoes/PAL-R', { id: 'PAL-R', tipoSolucao: 'palestra', nome: 'Rastros' });
  const responsaveis = [{ id: 'R', papel: 'instrutor' }];
  await put('disponibilizacoes/PAL-R-1', { id: 'PAL-R-1', solucaoId: 'PAL-R', etapas: 1, responsaveis });
  return { tipoSolucao: 'palestra', solucaoId: 'PAL-R', disponibilizacaoId: 'PAL-R-1', canal: 'local-evento' };
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

  it('of a check-in and of the closing after it go on in the participation that both made, to Redis', async () => {
    const data = await lecture();
    const checkIn = await postEvents([{ type: 'check-in', data: { ...data, cliente: { pf: { cpf: cpfOf(500) } } } }]);
    // Folded, and by itself: the closing comes in another batch.
    const folded = () =>
      collector.spans.some(({ traceId, name }) => traceId === checkIn.traceId && name === 'consolida');
    await until(folded, 'the check-in to be with the presences', PATIENCE_MS);
    const closing = await postEvents([{ type: 'consolidacao-disponibilizacao', data }]);
    const door = ['api: POST /v1/eventos', 'ingest: POST /v1/eventos', 'ingest: envia ao Kafka'];
    const whole = [...door, 'consolidator: consolida', 'classifier: classifica', 'aggregator: grava no Redis'].join(
      ' > ',
    );
    for (const { spanId } of [checkIn, closing]) {
      const ways = () => waysFrom(spanId).map((way) => way.join(' > '));
      await until(() => ways().includes(whole), 'the whole way to be told of', PATIENCE_MS);
    }
    // The decision is one: both traces show the same round of the classifier.
    const rounds = collector.spans.filter(({ name }) => name === 'classifica (lote)');
    const both = rounds.filter(({ links }) =>
      [checkIn, closing].every((c) => links.some((l) => l.traceId === c.traceId)),
    );
    expect(both).toHaveLength(1);
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
