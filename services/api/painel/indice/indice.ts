import type { Entrada } from './entrada.ts';
import { Tendencia } from './tendencia.ts';

/** Of some 1 kB each. */
const GUARDADAS = 50_000;
/** Leaving by so many at once, they are put in order once for all of them. */
const DE_UMA_VEZ = 0.1;

/** Records the index had no room for: they were all read, and are in the log. */
export interface Alem {
  /** Nobody had solved these when they left. */
  esperavam: number;
  reenviadas: number;
}

/** The newest first; those of one instant in the order of the topic, for ever the same. */
function maisNovaAntes(a: Entrada, b: Entrada): number {
  return b.postaEm - a.postaEm || a.particao - b.particao || a.posicao - b.posicao;
}

/**
 * What is in quarantine, in bounded memory: as many records as `maximo`, of which those solved longest ago leave first, and
 * then the oldest that wait. How many left is known, and told.
 */
export class Indice {
  readonly tendencia = new Tendencia();
  readonly maximo: number;
  /** Records that stood in the topic and that this version cannot read. */
  ilegiveis = 0;
  readonly #resolvida: (id: string) => boolean;
  readonly #porId = new Map<string, Entrada>();
  /** By partition, with the last offset that left. */
  readonly #alem = new Map<number, Alem & { ate: number }>();
  #ordenadas: Entrada[] | null = null;

  /** @param resolvida whether a record was put back */
  constructor(resolvida: (id: string) => boolean, maximo = GUARDADAS) {
    this.#resolvida = resolvida;
    this.maximo = maximo;
  }

  get guardadas(): number {
    return this.#porId.size;
  }

  poe(entrada: Entrada): void {
    // A reading that failed midway begins again with what it had handed over.
    if (this.#porId.has(entrada.id)) return;
    this.tendencia.conta(entrada.motivo, entrada.postaEm);
    this.#porId.set(entrada.id, entrada);
    this.#ordenadas = null;
    if (this.#porId.size > this.maximo) this.#despede();
  }

  #despede(): void {
    const deMais = Math.max(1, Math.floor(this.maximo * DE_UMA_VEZ));
    const velhas = this.todas().toReversed();
    const saem = [
      ...velhas.filter(({ id }) => this.#resolvida(id)),
      ...velhas.filter(({ id }) => !this.#resolvida(id)),
    ].slice(0, deMais);
    for (const entrada of saem) {
      const alem = this.#alem.get(entrada.particao) ?? { esperavam: 0, reenviadas: 0, ate: 0 };
      alem[this.#resolvida(entrada.id) ? 'reenviadas' : 'esperavam'] += 1;
      alem.ate = Math.max(alem.ate, entrada.posicao);
      this.#alem.set(entrada.particao, alem);
      this.#porId.delete(entrada.id);
    }
    this.#ordenadas = null;
  }

  /** What retention took out of the log is here no more. @param inicios the first offset by partition */
  corta(inicios: ReadonlyMap<number, number>): void {
    for (const { id, particao, posicao, motivo, postaEm } of this.#porId.values()) {
      if (posicao >= (inicios.get(particao) ?? 0)) continue;
      this.#porId.delete(id);
      this.tendencia.conta(motivo, postaEm, -1);
      this.#ordenadas = null;
    }
    for (const [particao, { ate }] of this.#alem) {
      if (ate < (inicios.get(particao) ?? 0)) this.#alem.delete(particao);
    }
  }

  /** Those that are held, the newest first. */
  todas(): readonly Entrada[] {
    this.#ordenadas ??= [...this.#porId.values()].sort(maisNovaAntes);
    return this.#ordenadas;
  }

  get(id: string): Entrada | undefined {
    return this.#porId.get(id);
  }

  alem(): Alem {
    const soma = { esperavam: 0, reenviadas: 0 };
    for (const { esperavam, reenviadas } of this.#alem.values()) {
      soma.esperavam += esperavam;
      soma.reenviadas += reenviadas;
    }
    return soma;
  }
}
