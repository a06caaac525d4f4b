import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLIENTS, type ClientName, createKafka } from '#platform/kafka/index.ts';
import type { Kafka, OutputRecord } from '#platform/kafka/port.ts';
import { withServers } from './servidores-proprios.ts';

/**
 * The client libraries behind the port side by side: `node bench/drivers.ts [records] [runs]`. Each measure is a
 * process of its own, the clients in turn; KAFKA_BROKERS says where, else servers of its own are started.
 */
const RECORDS = Number(process.argv[2] ?? 200_000);
const RUNS = Number(process.argv[3] ?? 3);
const PARTITIONS = 4;
const PER_CALL = 1_000;
const MEASURES = ['produce', 'transact'] as const;
const PAYLOAD = 'curso palestra oficina consultoria orientacao atendimento jornada comercializacao campanha informacao';

interface Measured {
  /** Events a second. */
  rate: number;
  /** Microseconds of CPU an event, of the client's process alone. */
  cpu: number;
  /** Resident memory at the end, MB. */
  memory: number;
}

/** About 180 bytes, alike as records of one schema are, never the same. */
function record(topic: string, i: number): OutputRecord {
  const id = `pf:${((i * 2_654_435_761) % 2 ** 32).toString(36).padStart(22, 'x')}`;
  const value = Buffer.from(
    `${i.toString().padStart(12, '0')}${id}${PAYLOAD}${(i * 7_919).toString(16)}`.padEnd(156, '·'),
  );
  return { topic, partition: i % PARTITIONS, key: id, value: value.subarray(0, 156) };
}

async function measured(work: () => Promise<number>): Promise<Measured> {
  const [time, cpu] = [process.hrtime.bigint(), process.cpuUsage()];
  const events = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = Number(process.hrtime.bigint() - time) / 1e9;
  return { rate: events / seconds, cpu: (user + system) / events, memory: process.memoryUsage.rss() / 2 ** 20 };
}

async function fill(kafka: Kafka, topic: string): Promise<number> {
  const producer = await kafka.producer();
  for (let i = 0; i < RECORDS; i += PER_CALL) {
    await producer.send(Array.from({ length: PER_CALL }, (_, n) => record(topic, i + n)));
  }
  await producer.close();
  return RECORDS;
}

/** What the classifier does, without deciding: each record out again, one ledger record, and the offset. */
async function copy(kafka: Kafka, from: string, to: string, ledger: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let copied = 0;
  const consumer = await kafka.consume({
    groupId: to,
    topics: [from],
    concurrency: 2,
    onFatal: reject,
    onRound: async (round) => {
      const outputs: OutputRecord[] = round.batches.flatMap(({ partition, records }) => {
        return records.map(({ key, value }) => ({ topic: to, partition, key, value }));
      });
      outputs.push({ topic: ledger, partition: 0, key: null, value: Buffer.alloc(100) });
      await round.commit(outputs);
      copied += outputs.length - 1;
      if (copied >= RECORDS) resolve();
      return [];
    },
  });
  await promise;
  await consumer.stop();
  return copied;
}

/** One measure, in this process. */
async function one(brokers: string[], client: ClientName, measure: string, run: string): Promise<Measured> {
  const kafka = createKafka({ brokers, clientId: 'bench', client });
  const topic = `${client}-${run}`;
  // Loads the client before the clock starts.
  const admin = await kafka.admin();
  if (measure === 'produce') {
    const config = { 'compression.type': 'producer' };
    const specs = [topic, `${topic}-copia`, `${topic}-livro`].map((name) => {
      return { topic: name, partitions: PARTITIONS, replicationFactor: 1, config };
    });
    await admin.ensureTopics(specs);
  }
  const work =
    measure === 'produce' ? () => fill(kafka, topic) : () => copy(kafka, topic, `${topic}-copia`, `${topic}-livro`);
  const found = await measured(work);
  await admin.close();
  return found;
}

async function inProcess(brokers: string, client: ClientName, measure: string, run: string): Promise<Measured> {
  const env = { ...process.env, KAFKA_BROKERS: brokers, BENCH_ONE: [client, measure, run].join() };
  const args = ['--disable-warning=ExperimentalWarning', import.meta.filename, String(RECORDS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as Measured;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function all(brokers: string): Promise<void> {
  const found = new Map<string, Measured[]>();
  for (let run = 0; run < RUNS; run++) {
    for (const client of CLIENTS) {
      for (const measure of MEASURES) {
        const name = `${measure} ${client}`;
        const one = await inProcess(brokers, client, measure, `${process.pid}-${run}`);
        found.set(name, [...(found.get(name) ?? []), one]);
      }
    }
  }
  const rows = [...found].sort().map(([name, runs]) => ({
    measure: name,
    'events/s': Math.round(median(runs.map((r) => r.rate))),
    'CPU µs/event': Number(median(runs.map((r) => r.cpu)).toFixed(1)),
    'memory MB': Math.round(median(runs.map((r) => r.memory))),
  }));
  console.table(rows);
}

const asked = process.env.BENCH_ONE?.split(',');
if (asked !== undefined) {
  const [client, measure = '', run = ''] = asked;
  const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
  process.stdout.write(JSON.stringify(await one(brokers, client as ClientName, measure, run)));
} else {
  const brokers = process.env.KAFKA_BROKERS;
  if (brokers) await all(brokers);
  else await withServers(({ KAFKA_BROKERS }) => all(KAFKA_BROKERS));
}
