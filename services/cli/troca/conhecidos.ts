import { PSEUDONIMO_PF } from '#domain/documento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import { type Interacao, pessoasDe } from '#domain/interacao.ts';
import { type Codec, decodeOrNull } from '#platform/codec.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';

const TOPICOS = ['interacoes', 'presencas'] as const;
type Topico = (typeof TOPICOS)[number];
type Fins = Record<Topico, ReadonlyMap<number, number>>;

export interface PartesDaLeitura {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'ends'>;
  interacoes: Codec<Interacao>;
  progresso: (lidos: number, total: number) => void;
  sinal?: AbortSignal | undefined;
}

/** Where the logs end for whoever writes: also past what an open transaction holds back. */
export async function fins(admin: Pick<KafkaAdmin, 'ends'>): Promise<Fins> {
  const [interacoes, presencas] = await Promise.all([admin.ends('interacoes'), admin.ends('presencas')]);
  return { interacoes, presencas };
}

/** By partition, from 0. */
export const emLista = (porParticao: ReadonlyMap<number, number>): number[] =>
  Array.from({ length: porParticao.size }, (_, n) => porParticao.get(n) ?? 0);

/** Reads on through both logs, and keeps who is named in them. */
export class LeituraDeConhecidos {
  /** Grows while `acrescenta` is its own; published, it is left as it is. */
  filtro: FiltroDeIds;
  pessoas = 0;
  /** Whether the one who must be known was met. */
  achada = false;
  readonly #partes: PartesDaLeitura;
  readonly #procurada: string;
  readonly #ate: Record<Topico, Map<number, number>> = { interacoes: new Map(), presencas: new Map() };
  /** null: who is met goes into the filter. */
  #cauda: Set<string> | null = null;

  private constructor(partes: PartesDaLeitura, procurada: string, lugares: number) {
    this.#partes = partes;
    this.#procurada = procurada;
    this.filtro = FiltroDeIds.para(lugares);
  }

  /**
   * @param procurada a client id that is looked for meanwhile
   * @param porRegistro room for so many people a record, while they are counted; what is too much is folded away
   */
  static async comeca(partes: PartesDaLeitura, procurada: string, porRegistro: number): Promise<LeituraDeConhecidos> {
    const { interacoes, presencas } = await fins(partes.admin);
    const registros = [...interacoes.values(), ...presencas.values()].reduce((soma, n) => soma + n, 0);
    return new LeituraDeConhecidos(partes, procurada, registros * porRegistro);
  }

  /** Whether more people were met than there was room for: a list may name hundreds. */
  get transbordou(): boolean {
    return !this.filtro.comporta(this.pessoas);
  }

  /** From here on the filter stays: who else is met is remembered beside it. @param folga how many these may be */
  fecha(folga: number): void {
    this.filtro = this.filtro.dobrado(this.pessoas + folga);
    this.#cauda = new Set();
  }

  get cauda(): string[] {
    return [...(this.#cauda ?? [])];
  }

  /** Reads up to where the logs end now. @returns those ends, and how many offsets it took */
  async avanca(): Promise<{ ate: Fins; lidos: number }> {
    const { admin, progresso } = this.#partes;
    const ate = await fins(admin);
    const falta = (topico: Topico, [n, fim]: [number, number]): number => fim - (this.#ate[topico].get(n) ?? 0);
    const total = TOPICOS.flatMap((t) => [...ate[t]].map((par) => falta(t, par))).reduce((soma, n) => soma + n, 0);
    let lidos = 0;
    for (const topico of TOPICOS) {
      await this.#le(topico, ate[topico], (n) => {
        lidos += n;
        progresso(lidos, total);
      });
      for (const [particao, fim] of ate[topico]) this.#ate[topico].set(particao, fim);
    }
    return { ate, lidos: total };
  }

  async #le(topico: Topico, to: ReadonlyMap<number, number>, conta: (n: number) => void): Promise<void> {
    const { kafka, interacoes, sinal } = this.#partes;
    await kafka.readToEnd(topico, {
      from: this.#ate[topico],
      to,
      onBatch: async ({ records }) => {
        sinal?.throwIfAborted();
        await interacoes.prepareIds(records.map(({ value }) => value));
        for (const { value } of records) this.#conhece(decodeOrNull(interacoes, value));
        conta(records.length);
      },
    });
  }

  /** Knows, besides, who is named in records that will stand in a log. @throws RetryableError the registry is away */
  async tambem(valores: readonly (Buffer | null)[]): Promise<void> {
    const { interacoes } = this.#partes;
    await interacoes.prepareIds(valores);
    for (const valor of valores) this.#conhece(decodeOrNull(interacoes, valor));
  }

  #conhece(interacao: Interacao | null): void {
    if (interacao !== null) this.conheceIds(pessoasDe(interacao));
  }

  /** Knows, besides, who has these ids. */
  conheceIds(ids: Iterable<string>): void {
    for (const id of ids) {
      // What is no pseudonym may be a document that came past the door: quarantine has it, and nobody's name it is.
      if (!PSEUDONIMO_PF.test(id)) continue;
      if (id === this.#procurada) this.achada = true;
      if (this.#cauda === null) this.pessoas += this.filtro.adiciona(id) ? 1 : 0;
      else if (!this.filtro.tem(id)) this.#cauda.add(id);
    }
  }
}
