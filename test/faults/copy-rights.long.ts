import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CompressionTypes, Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, expect, it } from 'vitest';
import { PROJECT_ROOT } from '#platform/config.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { InputRecord, Kafka } from '#platform/kafka/port.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { prepare } from '#platform/prepare.ts';
import { applyAcls } from '../../infra/kafka/apply-acls.ts';
import { brokerOf } from '../../infra/kafka/copy/broker.ts';
import { kafkaServer } from '../../infra/local/kafka-server.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { choosePorts, freePorts } from '../../infra/local/ports.ts';
import type { Supervised } from '../../infra/local/supervised.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';
import { until } from '../integration/until.ts';
import { Rig } from './rig.ts';
import { signalled, supervised } from './servers.ts';

const PASSWORD = 'so-deste-teste';
const USERS = ['copia', 'operacao'] as const;
const LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';

interface Guarded {
  process: Supervised;
  home: string;
  /** Where users come in. */
  address: string;
  /** As who may do all. */
  all: KafkaConfig;
  kafka: Kafka;
}

const brokers: Guarded[] = [];
let rig: Rig | null = null;
afterAll(async () => {
  await Promise.all(brokers.map(({ process }) => process.stop()));
  await Promise.all(brokers.map(({ home }) => dispose(home)));
  await rig?.stop();
});

/** What makes of a broker of the local stack one that asks who comes, and holds them to their rights. */
function guard(file: string, port: number): void {
  const was = readFileSync(file, 'utf8');
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(was)?.[1] ?? '';
  const users = USERS.map((user) => `user_${user}="${PASSWORD}"`).join(' ');
  const added = {
    listeners: `${value('listeners')},USERS://127.0.0.1:${port}`,
    'advertised.listeners': `${value('advertised.listeners')},USERS://127.0.0.1:${port}`,
    'listener.security.protocol.map': `${value('listener.security.protocol.map')},USERS:SASL_PLAINTEXT`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.name.users.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.users.plain.sasl.jaas.config': `${LOGIN} ${users};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
  // Of a property given twice the last one holds.
  for (const [name, text] of Object.entries(added)) appendFileSync(file, `${name}=${text}\n`);
}

async function guarded(of: Rig, partitions: number): Promise<Guarded> {
  const home = await temporaryHome();
  const paths = pathsOf(home);
  const ports = await choosePorts(paths.ports);
  const [port = 0] = await freePorts(1);
  const spec = kafkaServer(paths, ports);
  const before = async () => {
    await spec.before?.();
    guard(join(paths.data, 'kafka', 'server.properties'), port);
  };
  const process = supervised(paths, { ...spec, before });
  const all = { ...of.config.kafka, brokers: [`127.0.0.1:${ports.kafka}`], clientId: 'faults' };
  const one = { process, home, address: `127.0.0.1:${port}`, all, kafka: createKafka(all) };
  brokers.push(one);
  await process.start();
  await prepare({ kafka: one.kafka, registry: of.registry, partitions, replicationFactor: 1 });
  await applyAcls(all);
  return one;
}

/** Packed by gzip a topic takes it, by lz4 it does not. */
const PACKED = Buffer.from(
  Array.from(randomBytes(800_000), (byte) => [0, 2, 4, 6].map((bits) => 'acgt'[(byte >> bits) & 3]).join('')).join(''),
);

/** As a system does that sends straight to Kafka with a client of its own. */
async function sendPacked({ all }: Guarded): Promise<void> {
  const producer = new KafkaJs({ brokers: all.brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({
    topic: 'interacoes',
    compression: CompressionTypes.GZIP,
    messages: [{ key: 'x', value: PACKED }],
  });
  await producer.disconnect();
}

const copyAs = (user: (typeof USERS)[number], from: Guarded, to: Guarded) =>
  promisify(execFile)(process.execPath, [join(PROJECT_ROOT, 'infra/kafka/copy-job.ts')], {
    env: {
      ...process.env,
      ...{ KAFKA_BROKERS: from.address, DESTINO_KAFKA_BROKERS: to.address },
      ...{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: user, KAFKA_SASL_PASSWORD: PASSWORD },
    },
  });

it('the rights of `copia` are enough to copy a line, and those of another user are not', async () => {
  rig ??= await Rig.servers();
  const [from, to] = [await guarded(rig, 3), await guarded(rig, 5)];
  const producer = await from.kafka.producer();
  await producer.send(
    ['interacoes', 'presencas', 'credenciais'].map((topic) => ({ topic, key: 'x', value: Buffer.from('x') })),
  );
  await producer.close();
  await sendPacked(from);
  const classifier = brokerOf(from.all);
  await classifier.moveGroup('atendido-classifier', { interacoes: [2, 2, 2], presencas: [1, 1, 1] });
  await classifier.close();

  const refused = { stderr: expect.stringContaining('KAFKA_NAO_AUTORIZADO') };
  await expect(copyAs('operacao', from, to)).rejects.toMatchObject(refused);
  expect((await copyAs('copia', from, to)).stdout).toContain('credenciais: 1 registros');
  const admin = await to.kafka.admin();
  const moved = await admin.committed('atendido-classifier', 'interacoes');
  expect([...moved.values()].sort()).toEqual([0, 0, 0, 0, 2]);
  await admin.close();
  const lengths: (number | undefined)[] = [];
  const onBatch = ({ records }: { records: readonly InputRecord[] }) => {
    lengths.push(...records.map(({ value }) => value?.length));
  };
  await to.kafka.readToEnd('interacoes', { onBatch });
  expect(lengths).toEqual([1, PACKED.length]);
  // The topics are as ever again.
  const large = { topic: 'interacoes', key: 'x', value: PACKED };
  const again = await to.kafka.producer({ anySize: true });
  await expect(again.send([large])).rejects.toMatchObject({ code: 'REGISTRO_GRANDE_DEMAIS' });
  await again.close();
});

const MANY = 300_000;
const CLIENTS = 1_000;

/** Records, each of which says which one of its client's it is. */
async function filled({ all, kafka }: Guarded): Promise<void> {
  const producer = await kafka.producer();
  for (let from = 0; from < MANY; from += 10_000) {
    const records = Array.from({ length: 10_000 }, (_, n) => {
      const value = Buffer.from(`${Math.floor((from + n) / CLIENTS)} ${'x'.repeat(300)}`);
      return { topic: 'interacoes', key: `pf:${(from + n) % CLIENTS}`, value };
    });
    await producer.send(records);
  }
  await producer.close();
  const classifier = brokerOf(all);
  await classifier.moveGroup('atendido-classifier', { interacoes: [MANY, MANY, MANY], presencas: [0, 0, 0] });
  await classifier.close();
}

it('a broker killed in the middle of a copy is waited for, and each record is there once, in order', async () => {
  rig ??= await Rig.servers();
  const [from, to] = [await guarded(rig, 3), await guarded(rig, 5)];
  await filled(from);
  const admin = await to.kafka.admin();
  const copied = async (): Promise<number> => {
    return [...(await admin.ends('interacoes')).values()].reduce((sum, end) => sum + end, 0);
  };
  const copying = copyAs('copia', from, to);
  await until(async () => (await copied()) > 0, 'the first records');
  signalled(to.process, 'SIGKILL');
  expect((await copying).stdout).toContain(`interacoes: ${MANY} registros`);
  expect(await copied()).toBe(MANY);
  await admin.close();
  const next = new Map<string, number>();
  await to.kafka.readToEnd('interacoes', {
    onBatch: ({ records }) => {
      for (const { key, value } of records) {
        const turn = next.get(String(key)) ?? 0;
        if (Number.parseInt(String(value), 10) !== turn)
          throw new Error(`${key}: ${value?.subarray(0, 9)} for ${turn}`);
        next.set(String(key), turn + 1);
      }
    },
  });
  expect(next.size).toBe(CLIENTS);
});
