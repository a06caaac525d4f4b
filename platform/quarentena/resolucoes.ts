import type { Codec } from '../codec.ts';
import type { ResolucaoDeQuarentena } from '../codec-types.ts';
import type { Kafka } from '../kafka/port.ts';
import { Continuacao } from './registros.ts';

export const TOPICO_DAS_RESOLUCOES = 'resolucoes-de-quarentena';

/** What has been done about records in quarantine, as `resolucoes-de-quarentena` had it when it was last read. */
export class Resolucoes {
  readonly codec: Codec<ResolucaoDeQuarentena>;
  readonly #leitura: Continuacao;
  readonly #porId = new Map<string, ResolucaoDeQuarentena>();

  constructor(kafka: Kafka, codec: Codec<ResolucaoDeQuarentena>) {
    this.codec = codec;
    this.#leitura = new Continuacao(kafka, TOPICO_DAS_RESOLUCOES);
  }

  /** Reads what was written since; at first all of it. @throws RetryableError */
  async atualiza(): Promise<void> {
    await this.#leitura.le(async ({ records }) => {
      await this.codec.prepareIds(records.map((r) => r.value));
      for (const { key, value } of records) this.#porId.set(String(key), this.codec.decodeSync(value));
      return records.length;
    });
  }

  de(id: string): ResolucaoDeQuarentena | undefined {
    return this.#porId.get(id);
  }

  /** Whether the record was put back, by whomever: nothing is left to do about it. */
  resolvida(id: string): boolean {
    return (this.#porId.get(id)?.reenvio ?? null) !== null;
  }
}
