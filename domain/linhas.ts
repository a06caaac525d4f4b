const FIM = -1;

/**
 * Rows of numbers in flat memory, each in the list of one account: what would be a million small objects in as many arrays,
 * which who collects garbage copies and marks again and again. The newest of a list comes first.
 */
export class Linhas {
  readonly #largura: number;
  #primeiras = new Int32Array(1_024).fill(FIM);
  /** Where each goes on, then its fields. */
  #numeros: Float64Array;
  #n = 0;

  /** @param campos of a row */
  constructor(campos: number) {
    this.#largura = campos + 1;
    this.#numeros = new Float64Array(1_024 * this.#largura);
  }

  /** A new row in the list of an account; its fields are to be put. */
  nova(conta: number): number {
    if (conta >= this.#primeiras.length) {
      const antes = this.#primeiras;
      this.#primeiras = new Int32Array(2 * Math.max(conta, antes.length)).fill(FIM, antes.length);
      this.#primeiras.set(antes);
    }
    const linha = this.#n * this.#largura;
    if (linha === this.#numeros.length) {
      const antes = this.#numeros;
      this.#numeros = new Float64Array(2 * antes.length);
      this.#numeros.set(antes);
    }
    this.#numeros[linha] = this.#primeiras[conta] ?? FIM;
    this.#primeiras[conta] = this.#n;
    this.#n += 1;
    return this.#n - 1;
  }

  /** The first of an account's list; less than zero: none. */
  primeira(conta: number): number {
    return this.#primeiras[conta] ?? FIM;
  }

  /** The one after it; less than zero: it is the last. */
  depoisDe(linha: number): number {
    return this.#numeros[linha * this.#largura] ?? FIM;
  }

  le(linha: number, campo: number): number {
    return this.#numeros[linha * this.#largura + 1 + campo] ?? 0;
  }

  poe(linha: number, campo: number, n: number): void {
    this.#numeros[linha * this.#largura + 1 + campo] = n;
  }
}
