const CASAS = 1 << 16;
/** Of a table fuller than this, in eighths, a search takes many steps. */
const CHEIA_EM_OITAVOS = 5;

/**
 * A number for each fingerprint, by its two halves: sixteen bytes of one where a Map takes some seventy, and more entries
 * than the 2^24 that a Map holds. Half the fingerprint, as good as drawn by lot, says where a search begins; the next
 * free place is where it ends.
 */
export class TabelaDeDigitais {
  #metades = new Uint32Array(2 * CASAS);
  #numeros = new Int32Array(CASAS);
  #n = 0;

  /** The number that the fingerprint came with first; this one, where it comes for the first time. */
  primeiro(baixa: number, alta: number, numero: number): number {
    const antes = this.#n;
    const casa = this.#toma(baixa, alta);
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
    const ultima = this.#numeros.length - 1;
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
    if (8 * this.#n <= CHEIA_EM_OITAVOS * this.#numeros.length) return;
    const [metades, numeros] = [this.#metades, this.#numeros];
    this.#metades = new Uint32Array(2 * metades.length);
    this.#numeros = new Int32Array(2 * numeros.length);
    for (let antes = 0; antes < numeros.length; antes += 1) {
      const [baixa = 0, alta = 0] = [metades[2 * antes], metades[2 * antes + 1]];
      if (baixa === 0 && alta === 0) continue;
      const casa = this.#procura(baixa, alta);
      this.#poe(casa, baixa, alta);
      this.#numeros[casa] = numeros[antes] ?? 0;
    }
  }
}
