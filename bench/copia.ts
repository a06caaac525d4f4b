import { randomBytes } from 'node:crypto';
import { TOPICOS_APURADOS } from '#domain/apuracao.ts';
import type { Lancamento } from '#domain/lancamento.ts';
import { codecFor } from '#platform/codec.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { brokerOf } from '../infra/kafka/copy/broker.ts';
import { CLASSIFIER, copyLine } from '../infra/kafka/copy/line.ts';
import { withServers } from './servidores-proprios.ts';

const HELP = `uso: node bench/copia.ts [registros]

Copia uma linha para outra, de mais partições (6 → 10), cada uma em seu Kafka, e diz quantos registros por segundo:
\`registros\` interações (200.000) em lotes de 50, e outros tantos lançamentos, 50 em cada lote.
`;

const [FROM, TO] = [6, 10];
const TOGETHER = 50;
const CLIENTS = 50_000;

const clientOf = (n: number): string => `pf:${String((n * 7_919) % CLIENTS).padStart(22, '0')}`;

/** Each send is a batch of each partition, as the door's are. */
async function interactions(producer: Producer, count: number): Promise<void> {
  const body = randomBytes(175).toString('base64');
  const size = TOGETHER * FROM;
  for (let from = 0; from < count; from += size) {
    const records = Array.from({ length: Math.min(size, count - from) }, (_, n) => {
      return { topic: 'interacoes', key: clientOf(from + n), value: Buffer.from(`${from + n} ${body}`) };
    });
    await producer.send(records);
  }
}

function entry(n: number): Lancamento {
  return {
    ...{ cliente: clientOf(n), source: 'crm', id: `evento-${n}`, time: n, principal: true, metrica: 'consultorias' },
    ...{ motivo: 'x', tipoSolucao: null, unidade: 'SP', canal: null, modalidade: null, credito: null, estornada: null },
  };
}

async function ledger(producer: Producer, registry: Registry, count: number): Promise<void> {
  const lots = await codecFor(registry, 'lancamentos');
  const open = Array.from({ length: FROM }, (): Lancamento[] => []);
  for (let n = 0; n < count; n++) {
    const one = entry(n);
    const partition = murmur2Partition(one.cliente ?? '', FROM);
    const lancamentos = open[partition] ?? [];
    if (lancamentos.push(one) < TOGETHER) continue;
    await producer.send([{ topic: 'lancamentos', partition, key: null, value: lots.encode({ lancamentos }) }]);
    open[partition] = [];
  }
}

async function measure(from: string, to: string, registryUrl: string, count: number): Promise<void> {
  const [source, target] = [from, to].map((one) => ({ brokers: [one], clientId: 'bench-copia' }));
  if (source === undefined || target === undefined) throw new Error('são dois');
  const kafka = createKafka(source);
  const registry = connectRegistry(registryUrl);
  const producer = await kafka.producer();
  await interactions(producer, count);
  await ledger(producer, registry, count);
  await producer.close();
  const [admin, decided, broker] = [await kafka.admin(), brokerOf(source), brokerOf(target)];
  const [interacoes = [], presencas = []] = await Promise.all(
    TOPICOS_APURADOS.map(async (topic) =>
      [...(await admin.ends(topic))].sort(([a], [b]) => a - b).map(([, end]) => end),
    ),
  );
  await decided.moveGroup(CLASSIFIER, { interacoes, presencas });
  let since = performance.now();
  const onCopied = (topic: string, records: number): void => {
    const seconds = (performance.now() - since) / 1_000;
    since = performance.now();
    if (records > 0) console.log(`${topic}: ${records} em ${seconds.toFixed(2)} s, ${Math.round(records / seconds)}/s`);
  };
  try {
    await copyLine({ from: kafka, to: createKafka(target), broker, registry, onCopied });
    const after = await createKafka(target).admin();
    const lots = [...(await after.ends('lancamentos')).values()].reduce((sum, end) => sum + end, 0);
    console.log(`lotes no destino: ${lots}`);
    await after.close();
  } finally {
    await Promise.all([admin.close(), decided.close(), broker.close()]);
  }
}

if (process.argv.includes('--help')) {
  process.stdout.write(HELP);
} else {
  const count = Number(process.argv[2] ?? 200_000);
  process.env.ATENDIDO_PARTICOES = String(FROM);
  await withServers(async (first) => {
    process.env.ATENDIDO_PARTICOES = String(TO);
    await withServers((second) => measure(first.KAFKA_BROKERS, second.KAFKA_BROKERS, first.SCHEMA_REGISTRY_URL, count));
  });
}
