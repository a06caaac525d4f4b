/** A counter that folds add to: one object for each name, so that adding needs no look-up. */
export class Contador {
  readonly nome: string;
  /** Of the fold under way. */
  soma = 0;

  constructor(nome: string) {
    this.nome = nome;
  }
}

/**
 * What one fold adds up. The sums stand in the counters themselves: a fold begins after the one before was gathered,
 * and does not wait in between.
 */
export class Somas {
  readonly #tocados: Contador[] = [];

  soma(contador: Contador, n: number): void {
    // One that came back to nothing stands here twice, and is gathered once.
    if (contador.soma === 0) this.#tocados.push(contador);
    contador.soma += n;
  }

  /** The counters that changed, and by how much; ends the fold. */
  recolhe(): [nome: string, n: number][] {
    const somas: [string, number][] = [];
    for (const contador of this.#tocados) {
      if (contador.soma !== 0) somas.push([contador.nome, contador.soma]);
      contador.soma = 0;
    }
    this.#tocados.length = 0;
    return somas;
  }
}
