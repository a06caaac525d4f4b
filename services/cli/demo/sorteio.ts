import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

const MILHAO = 1_000_000;

/** Draws that repeat: the same seed gives the same sequence, on any machine. */
export class Sorteio {
  readonly #gerador: RandomGenerator;

  constructor(semente: number) {
    this.#gerador = xoroshiro128plus(semente);
  }

  /** Whole number from `de` to `ate`, both included. */
  inteiro(de: number, ate: number): number {
    return uniformInt(this.#gerador, de, ate);
  }

  /** From 0 to 1. */
  fracao(): number {
    return uniformInt(this.#gerador, 0, MILHAO) / MILHAO;
  }

  chance(probabilidade: number): boolean {
    return uniformInt(this.#gerador, 0, MILHAO - 1) < probabilidade * MILHAO;
  }

  escolhe<T>(de: readonly [T, ...T[]]): T {
    return de[this.inteiro(0, de.length - 1)] ?? de[0];
  }
}
