import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { CLIENTS, createKafka } from '#platform/kafka/index.ts';
import { driverOf } from '#platform/kafka/platformatic/index.ts';
import { javaCommand } from '../../infra/local/download.ts';
import { pathsOf } from '../../infra/local/paths.ts';
import { freePorts } from '../../infra/local/ports.ts';
import { numbered } from '../integration/numbered.ts';
import { unique, until } from '../integration/until.ts';
import { ownServers } from './own-servers.ts';
import { retried } from './rig.ts';

// A cluster of two: the second broker, which leads half of what is created while it is there, is killed.
const { home, brokers } = ownServers();
let startSecond: () => ChildProcess;

/** @returns starts a broker that joins the cluster of our own servers */
async function prepareSecond(): Promise<() => ChildProcess> {
  const [port = 0] = await freePorts(1);
  const paths = pathsOf(home());
  const [first, data] = [join(paths.data, 'kafka'), join(paths.data, 'kafka-2')];
  mkdirSync(data);
  const own: Record<string, string | number> = {
    'process.roles': 'broker',
    'node.id': 2,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': join(data, 'registros'),
  };
  const lines = readFileSync(join(first, 'server.properties'), 'utf8').split('\n');
  const shared = lines.filter((line) => !(line.slice(0, line.indexOf('=')) in own));
  const config = join(data, 'server.properties');
  writeFileSync(config, [...shared, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)].join('\n'));
  const meta = readFileSync(join(first, 'registros', 'meta.properties'), 'utf8');
  const cluster = /^cluster\.id=(.*)$/m.exec(meta)?.[1];
  const java = ['-Xmx512m', '-cp', join(paths.servers, 'kafka', '*')];
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '-c', config];
  await promisify(execFile)(javaCommand(), [...java, ...format]);
  return () => spawn(javaCommand(), [...java, 'kafka.Kafka', config], { stdio: 'ignore' });
}

/** The partition that each broker leads. */
async function leadersOf(topic: string): Promise<Map<number | null, number>> {
  const directory = driverOf({ brokers: brokers(), clientId: 'teste' }).brokers();
  try {
    const partitions = await directory.partitions(topic);
    const leaders = partitions.map(async (partition) => [await directory.leader({ topic, partition }), partition]);
    return new Map((await Promise.all(leaders)) as [number | null, number][]);
  } finally {
    await directory.close();
  }
}

beforeAll(async () => {
  startSecond = await prepareSecond();
});

it.each(CLIENTS)(
  'a partition without a leader waits alone, also in a group that joins now, over %s',
  async (client) => {
    const kafka = createKafka({ brokers: brokers(), clientId: 'teste', client });
    const admin = await kafka.admin();
    const producer = await kafka.producer();
    onTestFinished(async () => void (await Promise.all([admin.close(), producer.close()])));
    const before = unique('topico');
    await admin.ensureTopics([{ topic: before, partitions: 1, replicationFactor: 1, config: {} }]);
    const seen = new Map<number, number>();
    const waiting: (string | null)[] = [];
    const fatal: Error[] = [];
    const consume = async (source: string) => {
      const consumer = await kafka.consume({
        groupId: unique('grupo'),
        topics: [source],
        onFatal: (error) => fatal.push(error),
        onWaiting: (cause) => waiting.push(cause?.message ?? null),
        onRound: async (round) => {
          await round.commit([]);
          for (const { partition, next } of round.batches) seen.set(partition, next);
          return [];
        },
      });
      onTestFinished(() => consumer.stop());
    };
    // What Kafka keeps of groups and transactions is made while there is one broker to keep it.
    await producer.send(numbered(before, 1));
    await consume(before);
    await until(() => seen.has(0), 'the first commit');
    seen.clear();
    const second = startSecond();
    onTestFinished(() => void second.kill('SIGKILL'));
    let spread = '';
    await until(async () => {
      spread = unique('topico');
      const topics = [{ topic: spread, partitions: 2, replicationFactor: 1, config: {} }];
      // A broker that is just coming may be asked, and not answer yet.
      await retried(() => admin.ensureTopics(topics));
      return (await retried(() => leadersOf(spread))).size === 2;
    }, 'a topic spread over both brokers');
    await producer.send([0, 1].flatMap((partition) => numbered(spread, 1, partition)));
    await consume(spread);
    await until(() => seen.size === 2, 'both partitions');
    const lost = (await leadersOf(spread)).get(2) ?? -1;
    second.kill('SIGKILL');
    await until(() => waiting.some((cause) => cause === `${spread}/${lost} está sem líder`), 'it is told');
    for (let sent = 1; sent <= 5; sent++) {
      await producer.send(numbered(spread, 1, 1 - lost, sent));
      await until(() => (seen.get(1 - lost) ?? 0) > sent, 'the other goes on', 15_000);
    }
    seen.clear();
    await consume(spread);
    await until(() => seen.has(1 - lost), 'a group that joins now begins with the other');
    expect(fatal).toEqual([]);
    expect(waiting.at(-1)).not.toBeNull();
  },
);
