import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import { type Codec, codecFor } from '../../platform/codec.ts';
import type { KafkaAdmin, LogReader, ReadOptions } from '../../platform/kafka/port.ts';
import { type Procura, procuraNoLog } from '../../platform/procura-no-log.ts';
import { connectRegistry } from '../../platform/registry.ts';
import { brokers, kafka, newTopic, unique } from './kafka-fixture.ts';

const START = Date.parse('2026-03-02T10:00:00-03:00');
/** Events in each partition before, and after, what was aborted. */
const HALF = 4_000;
const ABORTED = 5_000;
/** Taken by retention from the beginning. */
const GONE = 700;

/** A second apart, by clocks that differ by up to 20 s either way. */
const writtenAt = (n: number): number => START + n * 1_000 + (((n * 7_919) % 41) - 20) * 1_000;
const event = (id: string): Interacao => ({ ...INTERACAO_VAZIA, source: 'crm', id, time: START });

let codec: Codec<Interacao>;
let admin: KafkaAdmin;
let topic: string;
const client = new KafkaJs({ brokers, logLevel: logLevel.NOTHING });

const message = (partition: number, n: number, id = `${partition}-${n}`) => {
  return { partition, value: codec.encode(event(id)), timestamp: String(writtenAt(n)) };
};
const messages = (from: number, to: number) =>
  [0, 1].flatMap((p) => Array.from({ length: to - from }, (_, i) => message(p, from + i)));

/** Half of the log, a transaction that was given up, single records each with its marker, and the other half. */
async function fill(): Promise<void> {
  const producer = client.producer({ transactionalId: unique('t'), maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  await producer.send({ topic, messages: messages(0, HALF) });
  const givenUp = await producer.transaction();
  const lost = Array.from({ length: ABORTED }, () => message(0, HALF, 'perdido'));
  await givenUp.send({ topic, messages: lost });
  await givenUp.abort();
  for (let n = HALF; n < HALF + 20; n += 1) {
    const one = await producer.transaction();
    await one.send({ topic, messages: messages(n, n + 1) });
    await one.commit();
  }
  await producer.send({ topic, messages: messages(HALF + 20, 2 * HALF) });
  // The same again, much later.
  await producer.send({ topic, messages: [message(1, 2 * HALF, '1-4500')] });
  await producer.disconnect();
}

beforeAll(async () => {
  codec = await codecFor(connectRegistry(inject('registryUrl')), 'interacoes');
  admin = await kafka.admin();
  topic = await newTopic(2);
  await fill();
  const cut = client.admin();
  await cut.connect();
  await cut.fetchTopicOffsets(topic);
  await cut.deleteTopicRecords({ topic, partitions: [0, 1].map((partition) => ({ partition, offset: String(GONE) })) });
  await cut.disconnect();
});
afterAll(() => admin?.close());

/** Looks for an event, by whatever clock it was written; how many connections that took, and how many records it read. */
async function search(id: string, parts: Partial<Procura> = {}) {
  const seen = { connections: 0, open: 0, records: 0 };
  const counting = (reader: LogReader): LogReader => ({
    readToEnd: (name: string, options: ReadOptions) => {
      const onBatch: ReadOptions['onBatch'] = (batch) => {
        seen.records += batch.records.length;
        return options.onBatch(batch);
      };
      return reader.readToEnd(name, { ...options, onBatch });
    },
    close: async () => {
      seen.open -= 1;
      await reader.close();
    },
  });
  const reader = async () => {
    seen.connections += 1;
    seen.open += 1;
    return counting(await kafka.reader());
  };
  const [partition = 0, n = 0] = id.split('-').map(Number);
  const question: Procura = {
    ...{ source: 'crm', id, topico: topic, desde: writtenAt(n), provavel: partition },
    ...{ limite: performance.now() + 30_000, serve: () => true, ...parts },
  };
  const found = await procuraNoLog({ kafka: { reader }, admin, interacoes: codec }, question);
  return { ...found, ...seen };
}

it('finds each event by one connection, without reading the log: clocks that differ, markers, what was given up, retention', async () => {
  const looked = Array.from({ length: 60 }, (_, i) => GONE + Math.floor((i * (2 * HALF - 1 - GONE)) / 59));
  for (const n of [...looked, HALF, HALF + 7, HALF + 19, HALF + 20]) {
    const { achada, connections, open, records } = await search(`${n % 2}-${n}`);
    expect([n, achada?.interacao.id, achada?.partition]).toEqual([n, `${n % 2}-${n}`, n % 2]);
    expect([connections, open]).toEqual([1, 0]);
    // A stretch of each partition or two; not the sixteen thousand that there are.
    expect(records, `${n}`).toBeLessThan(9_000);
  }
});

it('finds it in whatever partition it stands, though another was likelier', async () => {
  const { achada, inteiro } = await search('1-6000', { provavel: 0 });
  expect([achada?.partition, inteiro]).toEqual([1, true]);
});

it('of several copies the one that serves, else the first one', async () => {
  const first = (await search('1-4500')).achada;
  const later = (await search('1-4500', { serve: (_i, { offset }) => offset !== first?.offset })).achada;
  expect(later?.offset).toBeGreaterThan(first?.offset ?? 0);
  expect((await search('1-4500', { serve: () => false })).achada?.offset).toBe(first?.offset);
});

it('what is not there is not found, given up or taken by retention; nor in no time', async () => {
  for (const id of ['perdido', '0-99999', '0-10']) {
    expect(await search(id, { desde: START })).toMatchObject({ achada: null, inteiro: true, open: 0 });
  }
  expect(await search('0-7000', { limite: performance.now() - 1 })).toMatchObject({
    achada: null,
    inteiro: false,
    open: 0,
  });
});
