const nomes: string[] = [];
const numeros = new Map<string, number>();
let somas = new Float64Array(1_024);

/** The number of a counter: adding by number needs no look-up, and finds its sum beside the others. */
export function numeroDoContador(nome: string): number {
  let numero = numeros.get(nome);
  if (numero === undefined) {
    numero = nomes.push(nome) - 1;
    numeros.set(nome, numero);
    if (numero >= somas.length) {
      const maior = new Float64Array(2 * somas.length);
      maior.set(somas);
      somas = maior;
    }
  }
  return numero;
}

/**
 * What one fold adds up, by counter. All folds share the memory: one begins after the one before was gathered, and does
 * not wait in between.
 */
export class Somas {
  readonly #tocados: number[] = [];

  soma(contador: number, n: number): void {
    const antes = somas[contador] ?? 0;
    // One that came back to nothing stands here twice, and is gathered once.
    if (antes === 0) this.#tocados.push(contador);
    somas[contador] = antes + n;
  }

  /** The counters that changed, and by how much; ends the fold. */
  recolhe(): [nome: string, n: number][] {
    const mudados: [string, number][] = [];
    for (const contador of this.#tocados) {
      const n = somas[contador] ?? 0;
      if (n !== 0) mudados.push([nomes[contador] ?? '', n]);
      somas[contador] = 0;
    }
    this.#tocados.length = 0;
    return mudados;
  }
}
