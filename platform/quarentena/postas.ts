import type { Apuracao } from '#domain/apuracao.ts';
import { fonteReservada } from '#domain/consolidacao.ts';
import type { Codec } from '../codec.ts';
import type { Quarentena } from '../codec-types.ts';
import type { Kafka } from '../kafka/port.ts';
import { Continuacao, coordenada, leLote, TOPICO_DA_QUARENTENA } from './registros.ts';
import type { Resolucoes } from './resolucoes.ts';

/** A record set aside: by which id, by which apuração. */
interface Posta {
  id: string;
  apuracao: number;
}

/** Of an apuração in the making, what became of a record that an older one had set aside. */
export interface Tratada {
  onde: string;
  /** The id by which it was put back, or by which a corrected copy of it is kept. */
  tratada: string;
  /** The id under which the new one set it aside again; null: it decided it. */
  repetida: string | null;
}

/** Which raw records were ever set aside, and which of them came back as another record. */
export class Postas {
  readonly #leitura: Continuacao;
  readonly #quarentenas: Codec<Quarentena>;
  readonly #resolucoes: Resolucoes;
  readonly #topico: string | undefined;
  /** By coordinate of the record that was set aside. */
  readonly #postas = new Map<string, Posta[]>();
  /** One at a time, or two would take the same records in. */
  #lida: Promise<void> = Promise.resolve();

  /** @param topico only the records of this one; without it, all */
  constructor(kafka: Kafka, quarentenas: Codec<Quarentena>, resolucoes: Resolucoes, topico?: string) {
    this.#leitura = new Continuacao(kafka, TOPICO_DA_QUARENTENA);
    this.#quarentenas = quarentenas;
    this.#resolucoes = resolucoes;
    this.#topico = topico;
  }

  /** Reads what was set aside and what was resolved since. @throws RetryableError */
  atualiza(): Promise<void> {
    const nossa = this.#lida.then(() => this.#le());
    // What fails is told to who asked; the next one tries again.
    this.#lida = nossa.catch(() => undefined);
    return nossa;
  }

  async #le(): Promise<void> {
    await this.#resolucoes.atualiza();
    await this.#leitura.le(async (lote) => {
      for (const { id, registro } of await leLote(this.#quarentenas, lote)) {
        if (fonteReservada(registro.source) || (this.#topico ?? registro.topico) !== registro.topico) continue;
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
   * Those that were put back, or of which a corrected copy is kept, while an apuração in the making took them as they
   * came.
   * @param base the apuração in force
   */
  tratadas({ numero, base }: Pick<Apuracao, 'numero' | 'base'>): Tratada[] {
    const corrigida = ({ id }: Posta): boolean => (this.#resolucoes.de(id)?.correcao ?? null) !== null;
    return [...this.#postas].flatMap(([onde, postas]) => {
      const tratada =
        postas.find((p) => p.apuracao !== numero && this.#resolucoes.resolvida(p.id)) ??
        postas.find((p) => p.apuracao === base && corrigida(p));
      const repetida = postas.find((p) => p.apuracao === numero && !this.#resolucoes.resolvida(p.id));
      return tratada === undefined ? [] : [{ onde, tratada: tratada.id, repetida: repetida?.id ?? null }];
    });
  }
}
