import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, inject, it } from 'vitest';
import { RecordTooLargeError } from '../../platform/kafka/errors.ts';
import { classificadas, grava } from './export-fixture.ts';
import { FIXTURES, newTopic, read, unique } from './kafka-fixture.ts';
import { CONSUMER, pythonMissing, pythonOfTheExample } from './python.ts';

const missing = pythonMissing();
if (missing !== null) process.stderr.write(`examples/bi/consumidor.py is not tested: ${missing}\n`);

async function sumsOf(): Promise<Record<'porTopico' | 'porMotivo' | 'porFonte', Record<string, number>>> {
  const args = ['--brokers', inject('kafkaBrokers'), '--registry', inject('registryUrl')];
  const child = spawn(pythonOfTheExample(), [CONSUMER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

it.skipIf(missing !== null)(
  'a consumer in Python reads what is committed, and nothing else',
  async () => {
    const [source, aborted] = [unique('fonte'), unique('desfeita')];
    const small = await newTopic(1, { 'max.message.bytes': '2000' });
    const refused = { topic: small, key: null, value: randomBytes(5_000) };
    await grava(await classificadas(source, 0, 90));
    const transact = FIXTURES[0]?.[1].transact ?? grava;
    await expect(transact([...(await classificadas(aborted, 0, 40)), refused])).rejects.toThrow(RecordTooLargeError);
    await grava(await classificadas(source, 90, 120));
    const { porTopico, porFonte, porMotivo } = await sumsOf();
    expect(porFonte[source]).toBe(120);
    expect(porFonte[aborted]).toBeUndefined();
    for (const [topic, n] of Object.entries(porTopico)) expect(n).toBe((await read(topic)).length);
    expect(porMotivo.INTERACAO_DE_ATENDIMENTO).toBeGreaterThanOrEqual(120);
  },
  180_000,
);
