import { fonteReservada } from '#domain/consolidacao.ts';
import type { Codec } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { Continuacao, coordenada, leLote, TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';

/** A record set aside: by which id, by which apuração. */
interface Posta {
  id: string;
  apuracao: number;
}

/** Which raw records were ever set aside, and which of them came back as another record. */
export class Postas {
  readonly #leitura: Continuacao;
  readonly #quarentenas: Codec<Quarentena>;
  readonly #resolucoes: Resolucoes;
  /** By coordinate of the record that was set aside. */
  readonly #postas = new Map<string, Posta[]>();

  constructor(kafka: Kafka, quarentenas: Codec<Quarentena>, resolucoes: Resolucoes) {
    this.#leitura = new Continuacao(kafka, TOPICO_DA_QUARENTENA);
    this.#quarentenas = quarentenas;
    this.#resolucoes = resolucoes;
  }

  /** Reads what was set aside and what was resolved since. @throws RetryableError */
  async atualiza(): Promise<void> {
    await this.#resolucoes.atualiza();
    await this.#leitura.le(async (lote) => {
      for (const { id, registro } of await leLote(this.#quarentenas, lote)) {
        if (fonteReservada(registro.source)) continue;
        const onde = coordenada(registro);
        this.#postas.set(onde, [...(this.#postas.get(onde) ?? []), { id, apuracao: registro.apuracao }]);
      }
      return lote.records.length;
    });
  }

  /** Whether it was set aside: BI was told nothing of it. */
  foiPosta(onde: string): boolean {
    return this.#postas.has(onde);
  }

  /** Whether it came back as another record, which is decided in its place. */
  voltou(onde: string): boolean {
    return this.#postas.get(onde)?.some(({ id }) => this.#resolucoes.resolvida(id)) === true;
  }

  /**
   * Those that came back, though an apuração in the making set them aside again: what was resolved, and the id of what
   * still seems to wait; null: the new one decided it.
   */
  voltaramDepois(apuracao: number): { onde: string; resolvida: string; repetida: string | null }[] {
    return [...this.#postas].flatMap(([onde, postas]) => {
      const resolvida = postas.find((p) => p.apuracao !== apuracao && this.#resolucoes.resolvida(p.id));
      const repetida = postas.find((p) => p.apuracao === apuracao && !this.#resolucoes.resolvida(p.id));
      return resolvida === undefined ? [] : [{ onde, resolvida: resolvida.id, repetida: repetida?.id ?? null }];
    });
  }
}
