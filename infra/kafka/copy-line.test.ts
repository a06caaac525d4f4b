import { expect, test } from 'vitest';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import type { Kafka, OutputRecord, ReadOptions } from '#platform/kafka/port.ts';
import {
  pedacosDoFiltro,
  registroDaChaveEmUso,
  registroDaTroca,
  registroEmVigor,
  trocaNova,
} from '#platform/trocas.ts';
import { copyLine } from './copy-line.ts';

/** A Kafka of one partition a topic, in memory. */
function kafkaWith(...first: OutputRecord[]) {
  const records = [...first];
  const of = (topic: string) => records.filter((one) => one.topic === topic);
  const producer = { send: async (sent: readonly OutputRecord[]) => void records.push(...sent), close: async () => {} };
  const offsets = async (topic: string) => [{ partition: 0, low: 0, high: of(topic).length }];
  const kafka = {
    admin: async () => ({ offsets, close: async () => {} }),
    producer: async () => producer,
    readToEnd: async (topic: string, { onBatch }: ReadOptions) => {
      const read = of(topic).map(({ key, value }, offset) => {
        return { offset, timestamp: 0, key: key === null ? null : Buffer.from(key), value, headers: {} };
      });
      if (read.length > 0) await onBatch({ topic, partition: 0, records: read });
    },
  } as unknown as Kafka;
  return { kafka, records };
}

const told: OutputRecord = { topic: 'interacoes', key: 'pj:1', value: Buffer.from('uma') };
const IMPOSSIBLE = expect.objectContaining({ code: 'COPIA_IMPOSSIVEL' });

/** What stands in the topic of a line whose key was changed, or was about to be. */
function change(inForce: boolean): OutputRecord[] {
  const one = trocaNova({ por: 'ana', anterior: 'a', nova: 'n' });
  const known = FiltroDeIds.para(100);
  const whole = { ...one, limites: { interacoes: [1], presencas: [0] }, conhecidos: known };
  const end = inForce ? registroEmVigor(whole, []) : registroDaTroca(one, 'retirada');
  return [registroDaChaveEmUso('a'), ...pedacosDoFiltro(one.id, known), registroDaTroca(one, 'anunciada'), end];
}

test.each([
  ['whose api said which key is in use', [registroDaChaveEmUso('a')]],
  ['whose change of key was withdrawn', change(false)],
])('a line %s is copied, and nothing of that', async (_, said) => {
  const [source, target] = [kafkaWith(told, ...said), kafkaWith()];
  expect(await copyLine(source.kafka, target.kafka)).toMatchObject({ interacoes: 1, presencas: 0 });
  expect(target.records.map(({ topic, value }) => [topic, String(value)])).toEqual([['interacoes', 'uma']]);
});

test.each([
  ['a change of key in force', change(true)],
  ['an order', [{ topic: 'apuracoes', key: '1', value: Buffer.from('x') }]],
])('a line with %s is not', async (_, orders) => {
  const [source, target] = [kafkaWith(told, ...orders), kafkaWith()];
  await expect(copyLine(source.kafka, target.kafka)).rejects.toThrow(IMPOSSIBLE);
  expect(target.records).toEqual([]);
});

test('nor is one to where something is', async () => {
  await expect(copyLine(kafkaWith(told).kafka, kafkaWith(told).kafka)).rejects.toThrow(IMPOSSIBLE);
});
