import { TrocasDeChave } from '#domain/troca-de-chave.ts';
import { CodedError } from '#platform/errors.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import { CREDENTIALS_TOPIC, KEY_CHANGES_TOPIC } from '#platform/topics.ts';
import { LeituraDasTrocas } from '#platform/trocas.ts';

/** What a line is made from, in the order in which a line that reads along should have it. */
const COPIED = ['solucoes', 'disponibilizacoes', CREDENTIALS_TOPIC, 'presencas', 'interacoes'] as const;
/** Orders that name places in the logs of the line they were given to: another line would take them for others. */
const ORDERS = ['apuracoes', 'esquecimentos', 'resolucoes-de-quarentena'] as const;

async function isEmpty(admin: KafkaAdmin, topic: string): Promise<boolean> {
  return (await admin.offsets(topic)).every(({ low, high }) => low === high);
}

/** Every line says there which key is in use, and the other one's api will; only a change in force names places in its log. */
async function keyChanged(from: Pick<Kafka, 'readToEnd'>): Promise<boolean> {
  const changes = new TrocasDeChave();
  const reading = new LeituraDasTrocas(changes);
  await from.readToEnd(KEY_CHANGES_TOPIC, {
    onBatch: ({ records }) => {
      for (const record of records) reading.recebe(record);
    },
  });
  return changes.emVigor !== null;
}

function ordersIn(topic: string): CodedError {
  const why = `em ${topic} há ordens que valem só nesta linha; a outra não pode nascer dela`;
  return new CodedError('COPIA_IMPOSSIVEL', why);
}

async function check(kafka: Pick<Kafka, 'readToEnd'>, from: KafkaAdmin, to: KafkaAdmin): Promise<void> {
  for (const topic of ORDERS) if (!(await isEmpty(from, topic))) throw ordersIn(topic);
  if (await keyChanged(kafka)) throw ordersIn(KEY_CHANGES_TOPIC);
  for (const topic of COPIED) {
    if (await isEmpty(to, topic)) continue;
    throw new CodedError('COPIA_IMPOSSIVEL', `${topic} do destino já tem registros: a cópia é para uma linha vazia`);
  }
}

/**
 * Writes what a line was told to the empty topics of another, as many as their partitions may be: keys decide anew where
 * a record goes, and what has one key stays in order. Up to the ends as they are now: nothing may be sent meanwhile.
 * @returns records copied, by topic
 * @throws CodedError COPIA_IMPOSSIVEL, TROCA_ILEGIVEL before anything is written
 */
export async function copyLine(from: Kafka, to: Kafka): Promise<Record<string, number>> {
  const [source, target] = [await from.admin(), await to.admin()];
  const producer = await to.producer();
  const copied: Record<string, number> = {};
  try {
    await check(from, source, target);
    for (const topic of COPIED) {
      let count = 0;
      await from.readToEnd(topic, {
        onBatch: async ({ records }) => {
          count += records.length;
          await producer.send(records.map(({ key, value, headers }) => ({ topic, key, value, headers })));
        },
      });
      copied[topic] = count;
    }
    return copied;
  } finally {
    await Promise.all([source.close(), target.close(), producer.close()]);
  }
}
