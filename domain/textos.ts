const PEDACO = 1 << 20;
/** Two bytes say how long a text is. */
const CABECA = 2;
const MAIS_LONGO = 0xffff;

/**
 * Texts kept outside V8's heap, one byte a character: what a million objects point to is copied and marked again and again by who
 * collects garbage, and lies far apart.
 */
export class Textos {
  readonly #pedacos: Uint8Array[] = [];
  #livre = PEDACO;
  /** The few that do not go so: characters of more than a byte, or longer than is said in two. */
  readonly #outros: string[] = [];

  /** @returns where it is kept, by which it is asked for */
  guarda(texto: string): number {
    const tamanho = texto.length;
    if (tamanho > MAIS_LONGO) return this.#guardaInteiro(texto);
    if (this.#livre + CABECA + tamanho >= PEDACO) {
      this.#pedacos.push(new Uint8Array(PEDACO));
      this.#livre = 0;
    }
    const ultimo = this.#pedacos.length - 1;
    const bytes = this.#pedacos[ultimo] ?? new Uint8Array(0);
    const em = this.#livre + CABECA;
    for (let n = 0; n < tamanho; n += 1) {
      const c = texto.charCodeAt(n);
      if (c > 0xff) return this.#guardaInteiro(texto);
      bytes[em + n] = c;
    }
    bytes[em - 2] = tamanho >>> 8;
    bytes[em - 1] = tamanho;
    this.#livre = em + tamanho;
    return ultimo * PEDACO + em;
  }

  le(onde: number): string {
    if (onde < 0) return this.#outros[-1 - onde] ?? '';
    const bytes = this.#bytesDe(onde);
    const em = onde % PEDACO;
    let texto = '';
    for (let n = 0; n < tamanhoEm(bytes, em); n += 1) texto += String.fromCharCode(bytes[em + n] ?? 0);
    return texto;
  }

  /** Whether this text is kept there. */
  eh(onde: number, texto: string): boolean {
    if (onde < 0) return this.#outros[-1 - onde] === texto;
    const bytes = this.#bytesDe(onde);
    const em = onde % PEDACO;
    const tamanho = texto.length;
    if (tamanhoEm(bytes, em) !== tamanho) return false;
    for (let n = 0; n < tamanho; n += 1) if (bytes[em + n] !== texto.charCodeAt(n)) return false;
    return true;
  }

  /** Whether the same text is kept at both places. */
  iguais(a: number, b: number): boolean {
    // One that cannot be kept in bytes is in none, so that both are or neither is.
    if (a < 0 || b < 0) return a < 0 && b < 0 && this.le(a) === this.le(b);
    const [deA, deB] = [this.#bytesDe(a), this.#bytesDe(b)];
    const [emA, emB] = [a % PEDACO, b % PEDACO];
    const tamanho = tamanhoEm(deA, emA);
    if (tamanho !== tamanhoEm(deB, emB)) return false;
    // What is kept together differs in its end mostly.
    for (let n = tamanho - 1; n >= 0; n -= 1) if (deA[emA + n] !== deB[emB + n]) return false;
    return true;
  }

  #bytesDe(onde: number): Uint8Array {
    const bytes = this.#pedacos[Math.floor(onde / PEDACO)];
    if (bytes === undefined) throw new Error('um texto que não foi guardado');
    return bytes;
  }

  #guardaInteiro(texto: string): number {
    return -this.#outros.push(texto);
  }
}

function tamanhoEm(bytes: Uint8Array, em: number): number {
  return ((bytes[em - 2] ?? 0) << 8) | (bytes[em - 1] ?? 0);
}
