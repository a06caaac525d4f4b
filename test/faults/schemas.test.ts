import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chaveDeParticao, topicoDe } from '#domain/interacao.ts';
import { header } from '#platform/codec.ts';
import { type SchemaName, withOurOptions } from '#platform/codec-types.ts';
import { PROJECT_ROOT } from '#platform/config.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { cpfOf, delivery, Writer } from './interactions.ts';
import { Rig } from './rig.ts';
import { trial } from './trial.ts';

type Schema = { name?: string; type?: unknown; fields?: { name: string; type: unknown; default?: unknown }[] };

const COPIED = ['domain', 'platform', 'services', 'infra', 'producer', 'rulebook', 'schemas', 'package.json'];
const ADDED = { name: 'novidade', type: ['null', 'string'], default: null };
const RECORDS = 600;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.line();
});
afterAll(() => rig?.stop());

const fileOf = (root: string, name: SchemaName) => join(root, 'schemas', `${name}.avsc`);
const read = (root: string, name: SchemaName) => JSON.parse(readFileSync(fileOf(root, name), 'utf8')) as Schema;

/** The same interaction, wherever it stands in a schema, with one more field. */
function withField(schema: Schema, field: object): Schema {
  const change = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(change);
    if (typeof part !== 'object' || part === null) return part;
    const changed = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, change(value)])) as Schema;
    return changed.name === 'Interacao' && changed.fields
      ? { ...changed, fields: [...changed.fields, field] }
      : changed;
  };
  return change(schema) as Schema;
}

/** The next version of the project: as this one, but for a field of the interaction. */
function nextVersion(name: string, field: object): string {
  const root = join(rig.paths.home, name);
  for (const part of COPIED) cpSync(join(PROJECT_ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const schema of ['Interacao', 'InteracaoClassificada'] as const) {
    writeFileSync(fileOf(root, schema), JSON.stringify(withField(read(root, schema), field)));
  }
  return root;
}

/** Records as a producer of the next version writes them. */
async function newerRecords(root: string): Promise<OutputRecord[]> {
  const schema = read(root, 'Interacao');
  const id = await rig.registry.register('interacoes-value', schema);
  const type = withOurOptions(avro.Type.forSchema(schema as avro.Schema));
  const { pseudonym } = await Writer.of(rig);
  return Array.from({ length: RECORDS }, (_, n) => {
    const interacao = delivery('mais-novo', `n${n}`, pseudonym(cpfOf(n % 50)), Date.now() - 60_000 * (n + 1));
    const value = Buffer.concat([header(id), type.toBuffer({ ...interacao, novidade: `v${n}` })]);
    return { topic: topicoDe(interacao), key: chaveDeParticao(interacao), value };
  });
}

describe('a schema that changes', () => {
  it('newer and older producers at once, services of both versions, and all of the newer one', async () => {
    const root = nextVersion('seguinte', ADDED);
    await rig.prepare(root);
    const records = await newerRecords(root);
    const third = RECORDS / 3;
    await trial(rig, { falha: 'esquema novo: produtores e serviços das duas versões', seed: 130 }, async () => {
      await rig.producer.send(records.slice(0, third));
      await rig.start('classifier', { instance: 2, root });
      await rig.producer.send(records.slice(third, 2 * third));
      for (const name of ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'] as const) {
        await rig.start(name, { root });
      }
      await rig.stopService('classifier-2');
      await rig.producer.send(records.slice(2 * third));
    });
  });

  it('one that readers of the older could not read is refused, and changes nothing', async () => {
    const required = { name: 'obrigatorio', type: 'string' };
    const refusal = rig.registry.register('interacoes-value', withField(read(PROJECT_ROOT, 'Interacao'), required));
    await expect(refusal).rejects.toThrow(/incompatible|compatib/i);
    await expect(refusal).rejects.not.toThrow(RetryableError);
    await trial(rig, { falha: 'esquema incompatível: recusado', seed: 131 }, async () => undefined);
  });
});
