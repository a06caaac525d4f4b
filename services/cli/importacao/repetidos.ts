import { hash } from 'node:crypto';
import type { CloudEvent } from '#producer/index.ts';

const PRIMEIRA_CAPACIDADE = 4_096;
/** 64 MiB. */
const MAIOR_CAPACIDADE = 4_194_304;
const CHEIA = 0.75;
/** Numbers that a place has: two of the id's hash, one of the content's, and the line. */
const NUMEROS = 4;

/** Where an id stood before, and whether what it said was the same. */
export interface Repetido {
  linha: number;
  igual: boolean;
}

function numerosDe(texto: string): [number, number] {
  const bytes = hash('md5', texto, 'buffer');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

/** The ids of a file, in bounded memory: by their hashes, and only the first three million. */
export class Ids {
  #capacidade = PRIMEIRA_CAPACIDADE;
  #casas = new Uint32Array(PRIMEIRA_CAPACIDADE * NUMEROS);
  #quantos = 0;

  /** Whether all ids so far were looked at. */
  get todos(): boolean {
    return this.#quantos < MAIOR_CAPACIDADE * CHEIA;
  }

  /** @returns null: the id was not there yet */
  ve({ id, ...resto }: CloudEvent, linha: number): Repetido | null {
    const [a, b] = numerosDe(id);
    const [conteudo] = numerosDe(JSON.stringify(resto));
    const casa = this.#casa(a, b);
    const antes = this.#casas[casa + 3] ?? 0;
    if (antes !== 0) return { linha: antes, igual: this.#casas[casa + 2] === conteudo };
    if (!this.todos) return null;
    this.#casas.set([a, b, conteudo, linha], casa);
    this.#quantos += 1;
    if (this.#quantos > this.#capacidade * CHEIA && this.#capacidade < MAIOR_CAPACIDADE) this.#cresce();
    return null;
  }

  /** The place of an id, or the free one it would have: those with a line are taken. */
  #casa(a: number, b: number): number {
    for (let n = a % this.#capacidade; ; n = (n + 1) % this.#capacidade) {
      const casa = n * NUMEROS;
      const livre = this.#casas[casa + 3] === 0;
      if (livre || (this.#casas[casa] === a && this.#casas[casa + 1] === b)) return casa;
    }
  }

  #cresce(): void {
    const antigas = this.#casas;
    this.#capacidade *= 2;
    this.#casas = new Uint32Array(this.#capacidade * NUMEROS);
    for (let casa = 0; casa < antigas.length; casa += NUMEROS) {
      if (antigas[casa + 3] === 0) continue;
      const uma = antigas.subarray(casa, casa + NUMEROS);
      this.#casas.set(uma, this.#casa(uma[0] ?? 0, uma[1] ?? 0));
    }
  }
}
