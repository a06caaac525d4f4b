/** Statements remembered: some 15 MB. */
const LIMITE = 100_000;

/**
 * What the latest statements said, by id. The door keeps no statements: what this process remembers is enough to tell
 * a sender that gives one id to two things; where it does not, the first stands and the second changes nothing.
 */
export class Lembrados {
  readonly #impressoes = new Map<string, string>();
  readonly #limite: number;

  constructor(limite: number = LIMITE) {
    this.#limite = limite;
  }

  /** Whether the id was given to something else. */
  conflita(source: string, id: string, impressao: string): boolean {
    const antes = this.#impressoes.get(`${source}\u0000${id}`);
    return antes !== undefined && antes !== impressao;
  }

  /** To be called of what is kept; the oldest is forgotten. */
  guarda(source: string, id: string, impressao: string): void {
    this.#impressoes.set(`${source}\u0000${id}`, impressao);
    if (this.#impressoes.size <= this.#limite) return;
    const [maisAntigo] = this.#impressoes.keys();
    if (maisAntigo !== undefined) this.#impressoes.delete(maisAntigo);
  }
}
