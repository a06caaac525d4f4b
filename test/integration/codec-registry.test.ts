import { describe, expect, inject, it } from 'vitest';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import { codecFor, header, PoisonError } from '../../platform/codec.ts';
import { schemaOf } from '../../platform/codec-types.ts';
import { RetryableError } from '../../platform/errors.ts';
import { prepare } from '../../platform/prepare.ts';
import { connectRegistry } from '../../platform/registry.ts';
import { subjectOf, TOPIC_NAMES, topicSpecs } from '../../platform/topics.ts';
import { kafka, newTopic, send, unique } from './kafka-fixture.ts';

const registry = connectRegistry(inject('registryUrl'));
const NOWHERE = 'http://127.0.0.1:1/apis/ccompat/v7';

type Fields = { name: string; type: unknown; default?: unknown }[];

function changed(change: (fields: Fields) => Fields): object {
  const schema = schemaOf('Interacao') as { fields: Fields };
  return { ...schema, fields: change(schema.fields) };
}

const prepared = () => prepare({ kafka, registry, partitions: 6, replicationFactor: 1 });

describe('prepare', () => {
  it('creates topics and registers schemas once, however often it runs', async () => {
    const first = await prepared();
    expect(Object.keys(first.schemas)).toEqual(TOPIC_NAMES);
    expect(await prepared()).toEqual({ topics: [], schemas: first.schemas });
    const admin = await kafka.admin();
    for (const { topic, partitions } of topicSpecs(6, 1)) expect(await admin.partitionCount(topic)).toBe(partitions);
    await admin.close();
  });

  it('waits for servers to start, and says why', async () => {
    const waited: string[] = [];
    const away = connectRegistry(NOWHERE);
    const options = { kafka, registry: away, partitions: 6, replicationFactor: 1, patience: 300 };
    const work = prepare({ ...options, onWaiting: (cause) => waited.push(cause.message) });
    await expect(work).rejects.toThrow(RetryableError);
    expect(waited[0]).toMatch(/registro de esquemas não responde/);
  });
});

describe('registry', () => {
  it('takes a new optional field, and refuses what would break a reader or a writer', async () => {
    await prepared();
    const subject = subjectOf('presencas').replace('presencas', unique('compat'));
    await registry.register(subject, schemaOf('Interacao'));
    const newer = changed((fields) => [...fields, { name: 'novo', type: ['null', 'string'], default: null }]);
    const id = await registry.register(subject, newer);
    expect(await registry.idOf(subject, newer)).toBe(id);
    const breaking = [
      changed((fields) => fields.filter(({ name }) => name !== 'id')),
      changed((fields) => [...fields, { name: 'obrigatorio', type: 'string' }]),
      changed((fields) => fields.map((field) => (field.name === 'time' ? { ...field, type: 'string' } : field))),
    ];
    for (const schema of breaking) {
      const refusal = await registry.register(subject, schema).catch((error) => error);
      expect(refusal).toBeInstanceOf(Error);
      expect(refusal).not.toBeInstanceOf(RetryableError);
    }
  });

  it('gives an id only to what is registered, and a schema only to an id it knows', async () => {
    await expect(registry.idOf('nada-value', schemaOf('Interacao'))).rejects.toThrow(/ainda não foi registrado/);
    expect(await registry.writer(999_999)).toBeNull();
    await expect(connectRegistry(NOWHERE).writer(1)).rejects.toThrow(RetryableError);
  });
});

describe('codec', () => {
  it('reads off Kafka what it wrote, also of a newer writer, and calls the rest poison', async () => {
    await prepared();
    const codec = await codecFor(registry, 'interacoes');
    const subject = `${unique('outro')}-value`;
    const newer = changed((fields) => [...fields, { name: 'novo', type: ['null', 'string'], default: null }]);
    const newerId = await registry.register(subject, newer);
    const interacao = { ...INTERACAO_VAZIA, source: 'lms', id: '1', tipoInteracao: 'login', unidade: 'SP', time: 1 };
    const ours = codec.encode(interacao);
    const theirs = Buffer.concat([header(newerId), ours.subarray(5), Buffer.from([0])]);
    const topic = await newTopic();
    const values = [ours, theirs, Buffer.from('não é avro'), Buffer.concat([header(999_999), ours.subarray(5)])];
    await send(values.map((value) => ({ topic, key: 'k', value })));
    const results: unknown[] = [];
    await kafka.readToEnd(topic, {
      onBatch: async ({ records }) => {
        await codec.prepareIds(records.map(({ value }) => value));
        for (const { value } of records) {
          try {
            results.push({ ...codec.decodeSync(value) });
          } catch (error) {
            results.push(error);
          }
        }
      },
    });
    expect(results.slice(0, 2)).toEqual([interacao, interacao]);
    expect(results[2]).toBeInstanceOf(PoisonError);
    expect(results[3]).toBeInstanceOf(PoisonError);
  });
});
