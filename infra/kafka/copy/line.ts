import { TOPICOS_APURADOS, type TopicoApurado } from '#domain/apuracao.ts';
import { codecFor } from '#platform/codec.ts';
import { CodedError } from '#platform/errors.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import { TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import { TOPICO_DAS_RESOLUCOES } from '#platform/quarentena/resolucoes.ts';
import type { Registry } from '#platform/registry.ts';
import { CREDENTIALS_TOPIC } from '#platform/topics.ts';
import type { Broker } from './broker.ts';
import type { CutsByTopic } from './cuts.ts';
import { lotsInNew } from './ledger.ts';
import { ORDERS, Orders } from './orders.ts';
import { Quarantine } from './quarantine.ts';
import { type Ends, type Reader, readInOrder } from './read.ts';
import { type Old, type Placed, Target } from './target.ts';

/** What is the same in another line, but for the partitions. */
const AS_THEY_ARE = [
  'solucoes',
  'disponibilizacoes',
  CREDENTIALS_TOPIC,
  'interacoes-contabilizadas',
  'interacoes-nao-contabilizadas',
] as const;

/** All that a line knows, save what its own services make anew: Redis, `clientes-atendidos`; and who did what (`atos`). */
export const COPIED = [
  ...TOPICOS_APURADOS,
  TOPICO_DA_QUARENTENA,
  TOPICO_DAS_RESOLUCOES,
  ...ORDERS,
  ...AS_THEY_ARE,
  'lancamentos',
] as const;

/** What the new line's own services write first: where something is, they have run. */
export const MADE_ANEW = ['clientes-atendidos'] as const;

export const CLASSIFIER = 'atendido-classifier';

export interface CopyParts {
  from: Kafka;
  to: Kafka;
  /** Of the new line. */
  broker: Omit<Broker, 'close'>;
  /** The same of both lines. */
  registry: Registry;
  /** Told of each topic once it is copied. */
  onCopied?: (topic: string, records: number) => void;
}

type EndsByTopic = ReadonlyMap<string, Ends>;

async function endsOf(admin: Pick<KafkaAdmin, 'ends'>): Promise<EndsByTopic> {
  const ends = new Map<string, Ends>();
  for (const topic of COPIED) ends.set(topic, await admin.ends(topic));
  return ends;
}

const impossible = (why: string): CodedError => new CodedError('COPIA_IMPOSSIVEL', why);

/** New topics: one that was emptied goes on counting where it ended. */
async function checkEmpty(to: Pick<KafkaAdmin, 'ends'>): Promise<void> {
  for (const topic of [...COPIED, ...MADE_ANEW]) {
    if ([...(await to.ends(topic)).values()].every((end) => end === 0)) continue;
    throw impossible(`${topic} do destino já tem registros, ou teve: a cópia é para tópicos novos`);
  }
}

/** What nobody decided would be decided nowhere: the new line's classifier goes on behind all of it. */
async function checkDecided(reader: Reader, admin: KafkaAdmin, ends: EndsByTopic): Promise<void> {
  for (const topic of TOPICOS_APURADOS) {
    const committed = await admin.committed(CLASSIFIER, topic);
    const from = new Map([...committed].map(([partition, offset]) => [partition, offset ?? 0]));
    await reader.readToEnd(topic, {
      from,
      to: ends.get(topic) ?? new Map(),
      onBatch: ({ partition }) => {
        throw impossible(
          `o classifier ainda não decidiu o que há em ${topic}/${partition}: espere por \`atendido lag\``,
        );
      },
    });
  }
}

interface Known {
  reader: Reader;
  target: Target;
  ends: EndsByTopic;
  quarantine: Quarantine;
  cuts: CutsByTopic;
}

/** One copy, from what is known before anything is written. */
class Copy {
  readonly #parts: Pick<CopyParts, 'registry' | 'onCopied'>;
  readonly #reader: Reader;
  readonly #target: Target;
  readonly #ends: EndsByTopic;
  readonly #quarantine: Quarantine;
  readonly #cuts: CutsByTopic;

  constructor(parts: Pick<CopyParts, 'registry' | 'onCopied'>, known: Known) {
    this.#parts = parts;
    this.#reader = known.reader;
    this.#target = known.target;
    this.#ends = known.ends;
    this.#quarantine = known.quarantine;
    this.#cuts = known.cuts;
  }

  #endsOf(topic: string): Ends {
    return this.#ends.get(topic) ?? new Map();
  }

  /** Writes what `become` makes of the records of a topic. */
  async #each(topic: string, become: (records: Old[]) => Promise<Placed[]> | Placed[]): Promise<number> {
    let count = 0;
    await readInOrder(this.#reader, topic, this.#endsOf(topic), async (records) => {
      count += records.length;
      await this.#target.send(await become(records));
    });
    return count;
  }

  #placed(topic: string, record: Old, value = record.value): Placed {
    const { key, timestamp } = record;
    const headers = this.#quarantine.headersInNew(record.headers);
    return { topic, partition: this.#target.partitionFor(topic, record), key, value, headers, timestamp };
  }

  /** Raw interactions, one stretch after the other. */
  async raw(topic: TopicoApurado): Promise<number> {
    const [ends, cuts] = [this.#endsOf(topic), this.#cuts[topic]];
    let from: Ends = new Map();
    let count = 0;
    for (const cut of cuts.ordered) {
      const to = new Map([...ends].map(([partition, end]) => [partition, Math.min(end, cut[partition] ?? 0)]));
      count += await this.#stretch(topic, to, from);
      cuts.reached(cut, this.#target.ends(topic));
      from = to;
    }
    return count + (await this.#stretch(topic, ends, from));
  }

  async #stretch(topic: TopicoApurado, to: Ends, from: Ends): Promise<number> {
    let count = 0;
    const take = async (records: Old[]): Promise<void> => {
      const placed = records.map((record) => this.#placed(topic, record));
      const offsets = await this.#target.send(placed);
      for (const [n, record] of records.entries()) {
        const [{ partition = 0 } = {}, offset = 0] = [placed[n], offsets[n]];
        this.#quarantine.copied(topic, record, { partition, offset });
      }
      count += records.length;
    };
    await readInOrder(this.#reader, topic, to, take, from);
    return count;
  }

  quarantine(): Promise<number> {
    return this.#each(TOPICO_DA_QUARENTENA, async (records) => {
      await this.#quarantine.prepare(records.map(({ value }) => value));
      return records.map((record) => this.#placed(TOPICO_DA_QUARENTENA, record, this.#quarantine.inNew(record.value)));
    });
  }

  /** Of what the log has no more, nothing was done. */
  resolutions(): Promise<number> {
    return this.#each(TOPICO_DAS_RESOLUCOES, (records) =>
      records.flatMap((record) => {
        const id = this.#quarantine.idInNew(String(record.key));
        return id === undefined ? [] : [this.#placed(TOPICO_DAS_RESOLUCOES, { ...record, key: Buffer.from(id) })];
      }),
    );
  }

  orders(orders: Orders, topic: (typeof ORDERS)[number]): Promise<number> {
    return this.#each(topic, async (records) => {
      const placed: Placed[] = [];
      for (const record of records) {
        placed.push(this.#placed(topic, record, await orders.inNew(topic, record, this.#cuts)));
      }
      return placed;
    });
  }

  asItIs(topic: (typeof AS_THEY_ARE)[number]): Promise<number> {
    return this.#each(topic, (records) => records.map((record) => this.#placed(topic, record)));
  }

  async ledger(): Promise<number> {
    const lots = await codecFor(this.#parts.registry, 'lancamentos');
    return this.#each('lancamentos', async (records) => {
      await lots.prepareIds(records.map(({ value }) => value));
      return lotsInNew(lots, records, this.#target.partitions('lancamentos'));
    });
  }

  async all(orders: Orders): Promise<void> {
    const { onCopied = () => undefined } = this.#parts;
    for (const topic of TOPICOS_APURADOS) onCopied(topic, await this.raw(topic));
    onCopied(TOPICO_DA_QUARENTENA, await this.quarantine());
    onCopied(TOPICO_DAS_RESOLUCOES, await this.resolutions());
    for (const topic of ORDERS) onCopied(topic, await this.orders(orders, topic));
    for (const topic of AS_THEY_ARE) onCopied(topic, await this.asItIs(topic));
    onCopied('lancamentos', await this.ledger());
  }
}

/** That nobody wrote to the old line meanwhile: the copy would lack it. */
async function checkStill(admin: Pick<KafkaAdmin, 'ends'>, before: EndsByTopic): Promise<void> {
  for (const [topic, now] of await endsOf(admin)) {
    for (const [partition, end] of now) {
      if (end === before.get(topic)?.get(partition)) continue;
      throw new CodedError('COPIA_INVALIDA', `algo foi escrito em ${topic}/${partition} da origem durante a cópia`);
    }
  }
}

async function targetOf(to: Kafka, admin: KafkaAdmin) {
  const partitions = new Map<string, number>();
  for (const topic of COPIED) partitions.set(topic, await admin.partitionCount(topic));
  const [producer, reader] = [await to.producer({ once: true, anySize: true }), await to.reader()];
  const close = async () => void (await Promise.all([producer.close(), reader.close()]));
  return { target: new Target({ producer, admin, reader }, partitions), close };
}

/**
 * Writes what a line knows to the empty topics of another, as many as their partitions may be: keys decide anew where a
 * record goes, what has one key stays in order, what names a place names the new one, and the new line's classifier goes on
 * behind what the old one decided. Its other services make the rest from that.
 * @throws CodedError COPIA_IMPOSSIVEL, TROCA_ILEGIVEL before anything is written; COPIA_INVALIDA at the end: what was
 * written is of no use
 */
export async function copyLine(parts: CopyParts): Promise<void> {
  const { from, to, broker, registry } = parts;
  const [source, admin, reader] = [await from.admin(), await to.admin(), await from.reader()];
  const { target, close } = await targetOf(to, admin);
  try {
    const ends = await endsOf(source);
    await checkEmpty(admin);
    await checkDecided(reader, source, ends);
    const orders = await Orders.open(registry);
    const cuts = await orders.read(reader);
    const quarantine = await Quarantine.read(reader, registry, target, ends.get(TOPICO_DA_QUARENTENA) ?? new Map());
    await broker.fills(COPIED, true);
    try {
      await new Copy(parts, { reader, target, ends, quarantine, cuts }).all(orders);
    } finally {
      await broker.fills(COPIED, false);
    }
    await checkStill(source, ends);
    await target.check();
    const [interacoes, presencas] = TOPICOS_APURADOS.map((topic) => target.ends(topic));
    await broker.moveGroup(CLASSIFIER, { interacoes: interacoes ?? [], presencas: presencas ?? [] });
  } finally {
    await Promise.all([source.close(), admin.close(), reader.close(), close()]);
  }
}
