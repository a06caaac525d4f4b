import { TOPICOS_APURADOS, type TopicoApurado } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { TOPICO_DAS_APURACOES } from '#platform/apuracoes.ts';
import { type Codec, codecFor } from '#platform/codec.ts';
import type { ApuracaoGravada, EsquecimentoGravado } from '#platform/codec-types.ts';
import { CodedError } from '#platform/errors.ts';
import { esquecimentoDe, TOPICO_DOS_ESQUECIMENTOS } from '#platform/esquecimentos.ts';
import type { Registry } from '#platform/registry.ts';
import { KEY_CHANGES_TOPIC } from '#platform/topics.ts';
import { comLimites, LeituraDasTrocas } from '#platform/trocas.ts';
import { type Cut, type CutsByTopic, cutsByTopic } from './cuts.ts';
import type { Reader } from './read.ts';
import type { Old } from './target.ts';

/** Orders that hold from places of the raw logs on: each partition's next offset when they came into force. */
export const ORDERS = [TOPICO_DAS_APURACOES, TOPICO_DOS_ESQUECIMENTOS, KEY_CHANGES_TOPIC] as const;
export type OrderTopic = (typeof ORDERS)[number];

type OfCut = (topic: TopicoApurado, cut: Cut) => Cut;

/** Orders that are under way: what they wait for is in this line alone. */
class Standing {
  readonly #apuracoes = new Map<number, ApuracaoGravada>();
  readonly #esquecimentos = new Esquecimentos();
  readonly #trocas = new LeituraDasTrocas(this.#esquecimentos.trocas);

  apuracao(said: ApuracaoGravada): void {
    this.#apuracoes.set(said.numero, said);
  }

  esquecimento(said: EsquecimentoGravado): void {
    this.#esquecimentos.registra(esquecimentoDe(said));
  }

  troca(record: Old): void {
    this.#trocas.recebe(record);
  }

  /** @throws CodedError COPIA_IMPOSSIVEL */
  checkEnded(): void {
    const all = [...this.#apuracoes.values()];
    const inForce = Math.max(0, ...all.filter(({ estado }) => estado === 'em-vigor').map(({ numero }) => numero));
    const { anunciado, trocas } = this.#esquecimentos;
    const announced = anunciado !== null || trocas.anunciada !== null || all.some((a) => a.estado === 'anunciada');
    if (!announced && this.#esquecimentos.inacabados(inForce).length === 0) return;
    const why = 'há uma ordem que não acabou (esquecimento, rulebook ou troca de chave)';
    throw new CodedError('COPIA_IMPOSSIVEL', `${why}: deixe a linha de pé até que acabe`);
  }
}

/** The orders of a line: which places they name, and how they read where those places are others. */
export class Orders {
  readonly #apuracoes: Codec<ApuracaoGravada>;
  readonly #esquecimentos: Codec<EsquecimentoGravado>;

  private constructor(apuracoes: Codec<ApuracaoGravada>, esquecimentos: Codec<EsquecimentoGravado>) {
    this.#apuracoes = apuracoes;
    this.#esquecimentos = esquecimentos;
  }

  static async open(registry: Registry): Promise<Orders> {
    const apuracoes = await codecFor(registry, TOPICO_DAS_APURACOES);
    return new Orders(apuracoes, await codecFor(registry, TOPICO_DOS_ESQUECIMENTOS));
  }

  /**
   * Reads all orders there are.
   * @returns the cuts they name
   * @throws CodedError COPIA_IMPOSSIVEL one is under way, or two cross; TROCA_ILEGIVEL
   */
  async read(reader: Reader): Promise<CutsByTopic> {
    const found: Record<TopicoApurado, Cut[]> = { interacoes: [], presencas: [] };
    const standing = new Standing();
    for (const topic of ORDERS) {
      await reader.readToEnd(topic, {
        onBatch: async ({ partition, records }) => {
          for (const record of records) {
            await this.#told(topic, { ...record, partition }, standing);
            await this.#with(topic, record, (of, cut) => {
              found[of].push(cut);
              return cut;
            });
          }
        },
      });
    }
    standing.checkEnded();
    return cutsByTopic(found);
  }

  /** The value of an order's record in the new line. */
  inNew(topic: OrderTopic, record: Pick<Old, 'key' | 'value'>, cuts: CutsByTopic): Promise<Buffer | null> {
    return this.#with(topic, record, (of, cut) => cuts[of].inNew(cut));
  }

  async #told(topic: OrderTopic, record: Old, standing: Standing): Promise<void> {
    if (topic === KEY_CHANGES_TOPIC) standing.troca(record);
    else if (record.value === null) return;
    else if (topic === TOPICO_DAS_APURACOES) standing.apuracao(await this.#apuracoes.decode(record.value));
    else standing.esquecimento(await this.#esquecimentos.decode(record.value));
  }

  async #with(topic: OrderTopic, { key, value }: Pick<Old, 'key' | 'value'>, ofCut: OfCut): Promise<Buffer | null> {
    if (value === null) return null;
    const limits = <L extends Record<TopicoApurado, readonly number[]>>(said: L): L => {
      return { ...said, ...Object.fromEntries(TOPICOS_APURADOS.map((of) => [of, ofCut(of, said[of])])) };
    };
    if (topic === KEY_CHANGES_TOPIC) return comLimites({ key, value }, limits);
    if (topic === TOPICO_DAS_APURACOES) {
      return this.#apuracoes.encode(limits(await this.#apuracoes.decode(value)));
    }
    const said = limits(await this.#esquecimentos.decode(value));
    const fechamentos = said.fechamentos.map((one) => {
      return { ...one, interacoes: ofCut('interacoes', one.interacoes) };
    });
    return this.#esquecimentos.encode({ ...said, fechamentos });
  }
}
