import type { Codec } from '../codec.ts';
import type { Quarentena } from '../codec-types.ts';
import type { InputRecord, Kafka, KafkaAdmin, TopicPartition } from '../kafka/port.ts';

export const TOPICO_DA_QUARENTENA = 'interacoes-em-quarentena';

/** A record of `interacoes-em-quarentena`, with where it stands there. */
export interface EmQuarentena {
  /** `partition/offset`: what a person names it by, and the key of its resolution. */
  id: string;
  /** When it was set aside, milliseconds since the epoch. */
  postaEm: number;
  registro: Quarentena;
}

/** Where a record that was set aside stands in the log, in one word. */
export function coordenada({ topico, particao, posicao }: Pick<Quarentena, 'topico' | 'particao' | 'posicao'>): string {
  return `${topico}/${particao}/${posicao}`;
}

const ID = /^(\d{1,9})\/(\d{1,15})$/;

/** The id of the record at an offset of `interacoes-em-quarentena`. */
export function idDe(particao: number, posicao: number): string {
  return `${particao}/${posicao}`;
}

/** Where an id points; null: it is none. */
export function lugarDe(id: string): { particao: number; posicao: number } | null {
  const partes = ID.exec(id);
  return partes === null ? null : { particao: Number(partes[1]), posicao: Number(partes[2]) };
}

/** Thrown to end a reading before its end, and caught there. */
class Basta extends Error {}

/** Reads a topic on from where the last reading ended; what fails midway goes on from there. */
export class Continuacao {
  readonly #kafka: Kafka;
  readonly #topico: string;
  readonly #proximas = new Map<number, number>();

  constructor(kafka: Kafka, topico: string) {
    this.#kafka = kafka;
    this.#topico = topico;
  }

  /**
   * @param recebe says how many of the records it took, the first ones; where not all, the next reading begins there
   * @throws RetryableError, and what `recebe` throws
   */
  async le(recebe: (lote: TopicPartition & { records: readonly InputRecord[] }) => Promise<number>): Promise<void> {
    const leitura = this.#kafka.readToEnd(this.#topico, {
      from: this.#proximas,
      onBatch: async (lote) => {
        const recebidos = await recebe(lote);
        const ultimo = lote.records[recebidos - 1];
        if (ultimo !== undefined) this.#proximas.set(lote.partition, ultimo.offset + 1);
        if (recebidos < lote.records.length) throw new Basta();
      },
    });
    await leitura.catch((error: unknown) => {
      if (!(error instanceof Basta)) throw error;
    });
  }
}

/**
 * The records of a batch of `interacoes-em-quarentena`.
 * @throws RetryableError the registry is away
 */
export async function leLote(
  codec: Codec<Quarentena>,
  { partition, records }: { partition: number; records: readonly InputRecord[] },
): Promise<EmQuarentena[]> {
  await codec.prepareIds(records.map((r) => r.value));
  return records.map((r) => {
    return { id: idDe(partition, r.offset), postaEm: r.timestamp, registro: codec.decodeSync(r.value) };
  });
}

export interface PartesDaBusca {
  kafka: Kafka;
  admin: KafkaAdmin;
  quarentenas: Codec<Quarentena>;
}

/**
 * Records by their ids; those that are not there are left out. Of each partition what lies between the first and the
 * last asked for is read: ask for neighbours together.
 * @throws RetryableError
 */
export async function buscaPorIds(
  { kafka, admin, quarentenas }: PartesDaBusca,
  ids: readonly string[],
): Promise<EmQuarentena[]> {
  const pedidas = new Set(ids);
  const lugares = ids.map(lugarDe).filter((lugar) => lugar !== null);
  const porParticao = Map.groupBy(lugares, ({ particao }) => particao);
  const from = new Map<number, number>();
  const to = new Map<number, number>();
  for (const { partition, high } of await admin.offsets(TOPICO_DA_QUARENTENA)) {
    const posicoes = (porParticao.get(partition) ?? []).map(({ posicao }) => posicao).filter((p) => p < high);
    if (posicoes.length === 0) continue;
    from.set(partition, Math.min(...posicoes));
    to.set(partition, Math.max(...posicoes) + 1);
  }
  const achadas: EmQuarentena[] = [];
  await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
    partitions: [...to.keys()],
    from,
    to,
    onBatch: async ({ partition, records }) => {
      const desejadas = records.filter((r) => pedidas.has(idDe(partition, r.offset)));
      achadas.push(...(await leLote(quarentenas, { partition, records: desejadas })));
    },
  });
  return achadas;
}
