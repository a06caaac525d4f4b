/** Roughly what is held, in bytes: by each number that somebody keeps, and by a name with its own number. */
const DE_UM_NUMERO = 28;
const DE_UM_NOME = 150;
/** A number kept stands for a month that may never come again: without a bound every year of a log would be held. */
const LIMITE = 16 * 1024 * 1024;

const nomes: string[] = [];
const numeros = new Map<string, number>();
const lembrados: Map<string, unknown>[] = [];
let bytes = 0;
let somas = new Float64Array(1_024);

/** A map to keep numbers of counters in, that is emptied when they are dropped: between two folds, never within one. */
export function lembradoPorNumero<T>(): Map<string, T> {
  const lembrado = new Map<string, T>();
  lembrados.push(lembrado);
  return lembrado;
}

function esqueceNumeros(): void {
  for (const lembrado of lembrados) lembrado.clear();
  numeros.clear();
  nomes.length = 0;
  bytes = 0;
}

/** Roughly what all that is kept by number holds, in bytes. */
export const bytesPorNumero = (): number => bytes;

function poe(nome: string): number {
  bytes += DE_UM_NOME;
  if (nomes.length >= somas.length) {
    const maior = new Float64Array(2 * somas.length);
    maior.set(somas);
    somas = maior;
  }
  return nomes.push(nome) - 1;
}

/**
 * The number of a counter: adding by number needs no look-up, and finds its sum beside the others. Asked for to be kept
 * ({@link lembradoPorNumero}).
 * @param seguinte of a counter that has none yet: the name of one whose number is to be the next one
 */
export function numeroDoContador(nome: string, seguinte: string | null = null): number {
  bytes += DE_UM_NUMERO;
  let numero = numeros.get(nome);
  if (numero === undefined) {
    numero = poe(nome);
    numeros.set(nome, numero);
    if (seguinte !== null) poe(seguinte);
  }
  return numero;
}

/**
 * What one fold adds up, by counter. All folds share the memory: one begins after the one before was gathered, and does
 * not wait in between.
 */
export class Somas {
  readonly #tocados: number[] = [];

  constructor() {
    if (bytes > LIMITE) esqueceNumeros();
  }

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
