import { CodedError } from '#platform/errors.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import { CREDENTIALS_TOPIC, KEY_CHANGES_TOPIC } from '#platform/topics.ts';

/** What a line is made from, in the order in which a line that reads along should have it. */
const COPIED = ['solucoes', 'disponibilizacoes', CREDENTIALS_TOPIC, 'presencas', 'interacoes'] as const;
/** Orders that name places in the logs of the line they were given to: another line would take them for others. */
const ORDERS = ['apuracoes', 'esquecimentos', 'resolucoes-de-quarentena', KEY_CHANGES_TOPIC] as const;

async function isEmpty(admin: KafkaAdmin, topic: string): Promise<boolean> {
  return (await admin.offsets(topic)).every(({ low, high }) => low === high);
}

async function check(from: KafkaAdmin, to: KafkaAdmin): Promise<void> {
  for (const topic of ORDERS) {
    if (await isEmpty(from, topic)) continue;
    const why = `em ${topic} há ordens que valem só nesta linha; a outra não pode nascer dela`;
    throw new CodedError('COPIA_IMPOSSIVEL', why);
  }
  for (const topic of COPIED) {
    if (await isEmpty(to, topic)) continue;
    throw new CodedError('COPIA_IMPOSSIVEL', `${topic} do destino já tem registros: a cópia é para uma linha vazia`);
  }
}

/**
 * Writes what a line was told to the empty topics of another, as many as their partitions may be: keys decide anew where
 * a record goes, and what has one key stays in order. Up to the ends as they are now: nothing may be sent meanwhile.
 * @returns records copied, by topic
 * @throws CodedError COPIA_IMPOSSIVEL before anything is written
 */
export async function copyLine(from: Kafka, to: Kafka): Promise<Record<string, number>> {
  const [source, target] = [await from.admin(), await to.admin()];
  const producer = await to.producer();
  const copied: Record<string, number> = {};
  try {
    await check(source, target);
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
