import { setTimeout as espera } from 'node:timers/promises';
import { RetryableError } from '#platform/errors.ts';

/** What those who watch are given: a value, or why there is none just now (what a page had before is then old). */
export type Quadro<T> = { valor: T; em: number } | { causa: string; em: number };

/**
 * Something looked at again and again while somebody watches, once for all who do; nobody watching, nothing is looked
 * at.
 */
export class AoVivo<T> {
  readonly #olha: () => Promise<T>;
  readonly #cadaMs: number;
  readonly #avisa: (error: unknown) => void;
  readonly #assistem = new Set<(quadro: Quadro<T>) => void>();
  #ultimo: Quadro<T> | null = null;
  #olhando: Promise<void> | null = null;

  /**
   * @param olha what it throws is told as the cause; the next look is made all the same
   * @param avisa told of what is more than a server that is away: a page that is looked at must not end the front door
   */
  constructor(cadaMs: number, olha: () => Promise<T>, avisa: (error: unknown) => void = () => undefined) {
    this.#cadaMs = cadaMs;
    this.#olha = olha;
    this.#avisa = avisa;
  }

  /** Every look from now on, the last one first if it is fresh, until the signal. */
  async *assiste(signal: AbortSignal): AsyncGenerator<Quadro<T>> {
    const fresco = this.#ultimo !== null && Date.now() - this.#ultimo.em <= this.#cadaMs * 2;
    const fila: Quadro<T>[] = fresco && this.#ultimo !== null ? [this.#ultimo] : [];
    let acorda = (): void => undefined;
    const recebe = (quadro: Quadro<T>): void => {
      // Who reads slowly sees the newest only.
      fila.splice(0, fila.length, quadro);
      acorda();
    };
    const aoFim = (): void => acorda();
    this.#assistem.add(recebe);
    signal.addEventListener('abort', aoFim);
    this.#olhando ??= this.#segueOlhando();
    try {
      while (!signal.aborted) {
        const quadro = fila.shift();
        if (quadro !== undefined) yield quadro;
        else await new Promise<void>((resolve) => (acorda = resolve));
      }
    } finally {
      this.#assistem.delete(recebe);
      signal.removeEventListener('abort', aoFim);
    }
  }

  async #segueOlhando(): Promise<void> {
    while (this.#assistem.size > 0) {
      const quadro = await this.#quadro();
      this.#ultimo = quadro;
      for (const recebe of this.#assistem) recebe(quadro);
      await espera(this.#cadaMs, undefined, { ref: false });
    }
    this.#olhando = null;
  }

  async #quadro(): Promise<Quadro<T>> {
    try {
      return { valor: await this.#olha(), em: Date.now() };
    } catch (error) {
      if (error instanceof RetryableError) return { causa: error.message, em: Date.now() };
      this.#avisa(error);
      return { causa: 'não se conseguiu olhar; o registro da api diz por quê', em: Date.now() };
    }
  }
}
