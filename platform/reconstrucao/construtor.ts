import { titularDe } from '#domain/cliente.ts';
import { dobraTrecho, porTitular } from '#domain/dobra-trecho.ts';
import { allOf } from '../all-of.ts';
import { type ApuracoesSeguidas, apuracaoDoLote } from '../apuracoes.ts';
import type { Codec } from '../codec.ts';
import type { LoteDeLancamentos } from '../codec-types.ts';
import { CodedError } from '../errors.ts';
import { apuracaoDaGeracao } from '../estado/chaves.ts';
import { EscritorDeEstado } from '../estado/escritor.ts';
import { readGathered } from '../kafka/gather.ts';
import type { InputRecord, Kafka, KafkaAdmin } from '../kafka/port.ts';
import type { RedisConnection } from '../redis.ts';

/** Lots folded together: enough that Redis is not asked for each one. */
const LOTES_POR_VEZ = 64;

export interface PartesDoConstrutor {
  kafka: Pick<Kafka, 'readToEnd'>;
  admin: Pick<KafkaAdmin, 'offsets' | 'committed'>;
  redis: RedisConnection;
  lotes: Pick<Codec<LoteDeLancamentos>, 'prepareIds' | 'decodeSync'>;
  seguidas: Pick<ApuracoesSeguidas, 'apuracoes'>;
  /** `lancamentos`. */
  topico: string;
}

export type Posicoes = ReadonlyMap<number, number>;

/** How many offsets `de` is behind `ate`, over all partitions. */
export function distancia(de: Posicoes, ate: Posicoes): number {
  let soma = 0;
  for (const [particao, posicao] of ate) soma += Math.max(0, posicao - (de.get(particao) ?? 0));
  return soma;
}

/**
 * Writes one generation of the state from the ledger, beside the live one. Where it stands is in Redis, with the state:
 * one that was killed is opened again and goes on.
 */
export class Construtor {
  readonly #partes: PartesDoConstrutor;
  readonly #escritor: EscritorDeEstado;
  readonly #apuracao: number;
  #tocados: Set<string> | null = null;
  readonly #posicoes = new Map<number, number>();

  private constructor(partes: PartesDoConstrutor, geracao: string) {
    this.#partes = partes;
    this.#escritor = new EscritorDeEstado(partes.redis, geracao);
    this.#apuracao = apuracaoDaGeracao(geracao);
  }

  static async abre(partes: PartesDoConstrutor, geracao: string, particoes: number): Promise<Construtor> {
    const construtor = new Construtor(partes, geracao);
    // One that was live before was stopped when another took its place.
    for (let n = 0; n < particoes; n += 1) construtor.#posicoes.set(n, await construtor.#escritor.retoma(n));
    return construtor;
  }

  /**
   * From now on tells whom the ledger names, by whichever apuração: by what their keys have in common (`{n}:c:<titular>`),
   * in the set it gives back.
   */
  anotaTocados(): ReadonlySet<string> {
    this.#tocados = new Set();
    return this.#tocados;
  }

  /** By partition: the next offset to be applied. */
  get posicoes(): Posicoes {
    return this.#posicoes;
  }

  /**
   * Applies the ledger up to `ate` and not a record further.
   * @param aoAndar told after each write; what it throws ends the work, which can be taken up again
   * @throws CodedError LANCAMENTOS_PERDIDOS the ledger ends before `ate`
   */
  async avanca(ate: Posicoes, aoAndar: () => void = () => {}): Promise<void> {
    const { kafka, topico } = this.#partes;
    await this.#confereFim(ate);
    await readGathered(kafka, topico, {
      from: this.#posicoes,
      to: ate,
      atLeast: LOTES_POR_VEZ,
      onGathered: async (lotes) => {
        await allOf([...lotes].map(([particao, registros]) => this.#aplica(particao, registros)));
        aoAndar();
      },
    });
  }

  /** What Kafka lost but the live state had applied would be waited for without end. */
  async #confereFim(ate: Posicoes): Promise<void> {
    const { admin, topico } = this.#partes;
    for (const { partition, high } of await admin.offsets(topico)) {
      const alvo = ate.get(partition) ?? 0;
      if (alvo <= high || alvo <= (this.#posicoes.get(partition) ?? 0)) continue;
      const onde = `a partição ${partition} de ${topico} acaba em ${high}`;
      throw new CodedError('LANCAMENTOS_PERDIDOS', `${onde}, e o estado no ar está em ${alvo}: o Kafka perdeu o fim`);
    }
  }

  async #aplica(particao: number, registros: readonly InputRecord[]): Promise<void> {
    const { lotes, seguidas } = this.#partes;
    const [de = 0, ultimo] = [this.#posicoes.get(particao), registros.at(-1)];
    if (ultimo === undefined) return;
    await lotes.prepareIds(registros.map((r) => r.value));
    if (this.#tocados !== null) this.#anota(particao, registros, this.#tocados);
    const nossos = registros.filter((r) => apuracaoDoLote(r) === this.#apuracao);
    const trecho = porTitular(nossos.map((r) => lotes.decodeSync(r.value).lancamentos));
    const { estados } = await this.#escritor.le(particao, [...trecho.keys()]);
    const para = ultimo.offset + 1;
    const dobrado = dobraTrecho(trecho, estados, seguidas.apuracoes.rulebooks(this.#apuracao));
    const mudanca = { de, para, estados: estados.termina(), ...dobrado };
    const aplicacao = await this.#escritor.aplica(this.#escritor.gravacao(particao, mudanca));
    if (aplicacao.kind !== 'aplicada') {
      throw new CodedError('RECONSTRUCAO_DESLOCADA', `o shard ${particao} foi mexido por outro processo: repita`);
    }
    this.#posicoes.set(particao, para);
  }

  #anota(particao: number, registros: readonly InputRecord[], tocados: Set<string>): void {
    for (const { value } of registros) {
      for (const l of this.#partes.lotes.decodeSync(value).lancamentos) tocados.add(`{${particao}}:c:${titularDe(l)}`);
    }
  }
}
