import type { Codec } from '../codec.ts';
import type { Correcao, ResolucaoDeQuarentena } from '../codec-types.ts';
import type { InputRecord, Kafka } from '../kafka/port.ts';
import { Continuacao } from './registros.ts';

export const TOPICO_DAS_RESOLUCOES = 'resolucoes-de-quarentena';

/** What is kept of a resolution: `correcao` only as long as it waits, for its bytes are as many as the record's. */
interface Feito extends ResolucaoDeQuarentena {
  lugar: { partition: number; offset: number };
  /** When it was written, milliseconds since the epoch. */
  escritaEm: number;
}

/** Whether the record was put back, by whomever: nothing is left to do about it. */
export function foiReenviada(feito: ResolucaoDeQuarentena | undefined): boolean {
  return (feito?.reenvio ?? null) !== null;
}

/** What has been done about records in quarantine, as `resolucoes-de-quarentena` had it when it was last read. */
export class Resolucoes {
  readonly codec: Codec<ResolucaoDeQuarentena>;
  readonly #kafka: Kafka;
  readonly #leitura: Continuacao;
  readonly #validadeMs: number;
  /** The last written last. */
  readonly #porId = new Map<string, Feito>();
  /** One at a time, or what one takes in another would put back to what it was. */
  #lida: Promise<void> = Promise.resolve();

  /** @param validadeMs what was done longer ago is nothing to who asks, and is not kept; default: all is */
  constructor(kafka: Kafka, codec: Codec<ResolucaoDeQuarentena>, validadeMs: number = Number.POSITIVE_INFINITY) {
    this.codec = codec;
    this.#kafka = kafka;
    this.#validadeMs = validadeMs;
    this.#leitura = new Continuacao(kafka, TOPICO_DAS_RESOLUCOES);
  }

  /** Reads what was written since; at first all of it. @throws RetryableError */
  atualiza(): Promise<void> {
    const nossa = this.#lida.then(() => this.#le());
    // What fails is told to who asked; the next one tries again.
    this.#lida = nossa.catch(() => undefined);
    return nossa;
  }

  async #le(): Promise<void> {
    await this.#leitura.le(async ({ partition, records }) => {
      await this.codec.prepareIds(records.map((r) => r.value));
      for (const record of records) this.#guarda(partition, record);
      this.#larga();
      return records.length;
    });
    // What was read before goes out of date though nothing new comes.
    this.#larga();
  }

  #guarda(partition: number, { key, value, offset, timestamp }: InputRecord): void {
    const id = String(key);
    this.#porId.delete(id);
    // Deleted, as a compacted topic has it: nothing was done about the record.
    if (value === null) return;
    const { correcao, reenvio } = this.codec.decodeSync(value);
    const lugar = { partition, offset };
    this.#porId.set(id, { correcao: reenvio === null ? correcao : null, reenvio, lugar, escritaEm: timestamp });
  }

  #larga(): void {
    const desde = Date.now() - this.#validadeMs;
    for (const [id, { escritaEm }] of this.#porId) {
      if (escritaEm >= desde) return;
      this.#porId.delete(id);
    }
  }

  /** `correcao` is there while it waits for its replay; see `inteira`. */
  de(id: string): ResolucaoDeQuarentena | undefined {
    return this.#porId.get(id);
  }

  /** The corrections that wait for their replay. */
  esperando(): Correcao[] {
    return [...this.#porId.values()].flatMap(({ correcao }) => (correcao === null ? [] : [correcao]));
  }

  /** The resolution as it was written, read anew; null: nothing was done. @throws RetryableError */
  async inteira(id: string): Promise<ResolucaoDeQuarentena | null> {
    const lugar = this.#porId.get(id)?.lugar;
    if (lugar === undefined) return null;
    let escrita: ResolucaoDeQuarentena | null = null;
    await this.#kafka.readToEnd(TOPICO_DAS_RESOLUCOES, {
      partitions: [lugar.partition],
      from: new Map([[lugar.partition, lugar.offset]]),
      to: new Map([[lugar.partition, lugar.offset + 1]]),
      onBatch: async ({ records }) => {
        for (const { value } of records) escrita = await this.codec.decode(value);
      },
    });
    return escrita;
  }

  resolvida(id: string): boolean {
    return foiReenviada(this.de(id));
  }
}
