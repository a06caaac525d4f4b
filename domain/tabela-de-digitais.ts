const CASAS = 1 << 16;
/** Of a table fuller than this, in eighths, a search takes many steps. */
const CHEIA_EM_OITAVOS = 5;

/**
 * Fingerprints, by their two halves, and where it is asked for a number for each: 13 to 38 bytes of one where a Map takes some
 * seventy, and more of them than the 2^24 that a Map holds. Half the fingerprint, as good as drawn by lot, says where a search begins; the next
 * free place is where it ends.
 */
export class TabelaDeDigitais {
  #metades = new Uint32Array(2 * CASAS);
  /** Where any is kept. */
  #numeros: Int32Array | null = null;
  #n = 0;

  /** The number that the fingerprint came with first; this one, where it comes for the first time. */
  primeiro(baixa: number, alta: number, numero: number): number {
    const antes = this.#n;
    const casa = this.#toma(baixa, alta);
    this.#numeros ??= new Int32Array(this.#metades.length / 2);
    if (this.#n === antes) return this.#numeros[casa] ?? 0;
    this.#numeros[casa] = numero;
    this.#cresceSeCheia();
    return numero;
  }

  /** @returns whether the fingerprint comes for the first time */
  nova(baixa: number, alta: number): boolean {
    const antes = this.#n;
    this.#toma(baixa, alta);
    if (this.#n === antes) return false;
    this.#cresceSeCheia();
    return true;
  }

  /** The fingerprint's place, which is its own from now on. */
  #toma(baixa: number, alta: number): number {
    // Nothing at all is what stands in a free place.
    const cheia = baixa === 0 && alta === 0 ? 1 : alta;
    const casa = this.#procura(baixa, cheia);
    if (!this.#ocupada(casa)) {
      this.#poe(casa, baixa, cheia);
      this.#n += 1;
    }
    return casa;
  }

  #ocupada(casa: number): boolean {
    return this.#metades[2 * casa] !== 0 || this.#metades[2 * casa + 1] !== 0;
  }

  /** The fingerprint's place: its own, or the free one that it would take. */
  #procura(baixa: number, alta: number): number {
    const ultima = this.#metades.length / 2 - 1;
    let casa = baixa & ultima;
    while (this.#ocupada(casa) && (this.#metades[2 * casa] !== baixa || this.#metades[2 * casa + 1] !== alta)) {
      casa = (casa + 1) & ultima;
    }
    return casa;
  }

  #poe(casa: number, baixa: number, alta: number): void {
    this.#metades[2 * casa] = baixa;
    this.#metades[2 * casa + 1] = alta;
  }

  #cresceSeCheia(): void {
    const casas = this.#metades.length / 2;
    if (8 * this.#n <= CHEIA_EM_OITAVOS * casas) return;
    const [metades, numeros] = [this.#metades, this.#numeros];
    this.#metades = new Uint32Array(4 * casas);
    this.#numeros = numeros === null ? null : new Int32Array(2 * casas);
    for (let antes = 0; antes < casas; antes += 1) {
      const [baixa = 0, alta = 0] = [metades[2 * antes], metades[2 * antes + 1]];
      if (baixa === 0 && alta === 0) continue;
      const casa = this.#procura(baixa, alta);
      this.#poe(casa, baixa, alta);
      if (this.#numeros !== null) this.#numeros[casa] = numeros?.[antes] ?? 0;
    }
  }
}
