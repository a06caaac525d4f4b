import { ehDoPassado } from '#platform/apuracoes.ts';
import type { Kafka, KafkaAdmin, PartitionOffsets } from '#platform/kafka/port.ts';

/** Where interactions come out, and what that says of each. */
const SAIDAS = {
  'interacoes-contabilizadas': 'contabiliza',
  'interacoes-nao-contabilizadas': 'naoContabiliza',
  'interacoes-em-quarentena': 'quarentena',
} as const;
type Saida = keyof typeof SAIDAS;
export type Desfecho = (typeof SAIDAS)[Saida];

const MINUTO_MS = 60_000;
const MINUTOS_GUARDADOS = 60;
/** The most records of a partition that are read at once: of what came while nobody looked, only the end is. */
const REGISTROS_DE_UMA_VEZ = 20_000;

export type Minuto = Record<Desfecho, number> & {
  /** When it began, milliseconds since the epoch. */
  inicio: number;
};

/** Interactions by the minute in which they were decided. */
export interface Minutos {
  /** Oldest first, the running one last; those of which not all is known are left out. */
  minutos: Minuto[];
  /** Milliseconds since the epoch. */
  agora: number;
}

const inicioDoMinuto = (time: number): number => Math.floor(time / MINUTO_MS) * MINUTO_MS;
const novo = (inicio: number): Minuto => ({ inicio, contabiliza: 0, naoContabiliza: 0, quarentena: 0 });

/**
 * Counts records of the topics that the classifier writes: committed ones only, each once, by the broker's clock; not
 * what another rulebook decided anew, which is no news. Only their ends are read, and only where somebody asks again
 * and again.
 */
export class ContaMinutos {
  readonly #kafka: Pick<Kafka, 'readToEnd'>;
  readonly #admin: Pick<KafkaAdmin, 'offsets'>;
  readonly #agora: () => number;
  readonly #posicoes = new Map<string, number>();
  readonly #minutos = new Map<number, Minuto>();
  /** What was decided before is not known. */
  #sabeDesde = 0;

  constructor(partes: { kafka: Pick<Kafka, 'readToEnd'>; admin: Pick<KafkaAdmin, 'offsets'>; agora?: () => number }) {
    this.#kafka = partes.kafka;
    this.#admin = partes.admin;
    this.#agora = partes.agora ?? Date.now;
  }

  /** Takes in what came since the last time. @throws RetryableError */
  async conta(): Promise<Minutos> {
    for (const topico of Object.keys(SAIDAS) as Saida[]) await this.#contaTopico(topico);
    const agora = this.#agora();
    const primeiro = inicioDoMinuto(agora) - (MINUTOS_GUARDADOS - 1) * MINUTO_MS;
    for (const inicio of this.#minutos.keys()) if (inicio < primeiro) this.#minutos.delete(inicio);
    const minutos: Minuto[] = [];
    for (let inicio = primeiro; inicio <= agora; inicio += MINUTO_MS) {
      if (inicio >= this.#sabeDesde) minutos.push(this.#minutos.get(inicio) ?? novo(inicio));
    }
    return { minutos, agora };
  }

  async #contaTopico(topico: Saida): Promise<void> {
    const from = new Map<number, number>();
    const to = new Map<number, number>();
    const pulos: number[] = [];
    for (const { partition, low, high } of await this.#admin.offsets(topico)) {
      const de = this.#de(`${topico}/${partition}`, { partition, low, high });
      if (de.pulou) pulos.push(partition);
      if (de.offset >= high) continue;
      from.set(partition, de.offset);
      to.set(partition, high);
    }
    if (from.size === 0) return;
    const contados = new Map<number, number>();
    const primeiros = new Map<number, number>();
    await this.#kafka.readToEnd(topico, {
      partitions: [...from.keys()],
      from,
      to,
      onBatch: ({ partition, records }) => {
        const [primeiro] = records;
        if (primeiro !== undefined && !primeiros.has(partition)) primeiros.set(partition, primeiro.timestamp);
        for (const record of records) {
          if (ehDoPassado(record)) continue;
          const inicio = inicioDoMinuto(record.timestamp);
          contados.set(inicio, (contados.get(inicio) ?? 0) + 1);
        }
      },
    });
    // Only now: a read that failed half-way is made again whole.
    for (const [partition, fim] of to) this.#posicoes.set(`${topico}/${partition}`, fim);
    for (const [inicio, n] of contados) this.#minuto(inicio)[SAIDAS[topico]] += n;
    for (const partition of pulos) this.#naoSabeAntesDe(primeiros.get(partition));
  }

  /** Where reading begins, and whether that leaves out records never seen. */
  #de(nome: string, { low, high }: PartitionOffsets): { offset: number; pulou: boolean } {
    const antes = this.#posicoes.get(nome) ?? low;
    // Past the end: it is another log, to be read from its beginning.
    const parada = antes > high ? low : Math.max(antes, low);
    const offset = Math.max(parada, high - REGISTROS_DE_UMA_VEZ);
    return { offset, pulou: offset > parada };
  }

  #naoSabeAntesDe(time: number | undefined): void {
    const desde = inicioDoMinuto(time ?? this.#agora()) + MINUTO_MS;
    this.#sabeDesde = Math.max(this.#sabeDesde, desde);
  }

  #minuto(inicio: number): Minuto {
    const minuto = this.#minutos.get(inicio) ?? novo(inicio);
    this.#minutos.set(inicio, minuto);
    return minuto;
  }
}
