const TAMANHO = 8;
/** From here on (4,096 fingerprints) a set is searched by an index, made once for all the questions of a fold. */
const COM_INDICE = 32_768;

/**
 * A set of fingerprints, each eight bytes as a latin-1 string. Most sets hold a few and are asked once: they are kept
 * as they are stored, one fingerprint after the other, and searched in place.
 */
export class Impressoes {
  #juntas: string;
  #indice: Set<string> | null = null;

  /** @param juntas as {@link juntas} gave them */
  constructor(juntas = '') {
    this.#juntas = juntas;
  }

  static de(impressoes: Iterable<string>): Impressoes {
    const conjunto = new Impressoes();
    for (const impressao of impressoes) conjunto.add(impressao);
    return conjunto;
  }

  get size(): number {
    return this.#indice?.size ?? this.#juntas.length / TAMANHO;
  }

  has(impressao: string): boolean {
    if (this.#indice === null && this.#juntas.length >= COM_INDICE) this.#indice = new Set(this);
    if (this.#indice !== null) return this.#indice.has(impressao);
    let em = this.#juntas.indexOf(impressao);
    // What begins inside one fingerprint and ends inside the next is none.
    while (em % TAMANHO > 0) em = this.#juntas.indexOf(impressao, em + 1);
    return em >= 0;
  }

  /** @returns whether it was not there yet */
  add(impressao: string): boolean {
    if (this.has(impressao)) return false;
    if (this.#indice !== null) this.#indice.add(impressao);
    else this.#juntas += impressao;
    return true;
  }

  clear(): void {
    this.#juntas = '';
    this.#indice = null;
  }

  *[Symbol.iterator](): Generator<string> {
    if (this.#indice !== null) {
      yield* this.#indice;
      return;
    }
    for (let em = 0; em < this.#juntas.length; em += TAMANHO) yield this.#juntas.slice(em, em + TAMANHO);
  }

  /** All of them, one after the other, in the order they came. */
  juntas(): string {
    return this.#indice === null ? this.#juntas : [...this.#indice].join('');
  }
}
