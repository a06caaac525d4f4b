/** Writes numbers, text and bytes one after the other, into memory of its own. */
export class Escrita {
  #bytes: Buffer;
  #em = 0;

  /** @param reserva bytes there is room for before more memory is asked for */
  constructor(reserva = 256) {
    this.#bytes = Buffer.allocUnsafe(reserva);
  }

  /** How many bytes were written. */
  get tamanho(): number {
    return this.#em;
  }

  /** What was written; nothing is written after it. */
  termina(): Buffer {
    return this.#bytes.subarray(0, this.#em);
  }

  byte(n: number): void {
    this.#reserva(1);
    this.#bytes[this.#em++] = n;
  }

  /** A number that is not negative, seven bits a byte. */
  numero(n: number): void {
    this.#reserva(10);
    let resto = n;
    for (; resto >= 0x80; resto = Math.floor(resto / 0x80)) this.#bytes[this.#em++] = (resto % 0x80) | 0x80;
    this.#bytes[this.#em++] = resto;
  }

  /** A number of any sign, small ones of either in few bytes. */
  inteiro(n: number): void {
    this.numero(n < 0 ? -2 * n - 1 : 2 * n);
  }

  texto(texto: string): void {
    const tamanho = Buffer.byteLength(texto);
    this.numero(tamanho);
    this.#reserva(tamanho);
    this.#em += this.#bytes.write(texto, this.#em);
  }

  /** Text of one byte a character, its length first. */
  latin1(texto: string): void {
    this.numero(texto.length);
    this.#reserva(texto.length);
    this.#em += this.#bytes.write(texto, this.#em, 'latin1');
  }

  bytes(bytes: Buffer): void {
    this.#reserva(bytes.length);
    this.#em += bytes.copy(this.#bytes, this.#em);
  }

  #reserva(n: number): void {
    if (this.#em + n <= this.#bytes.length) return;
    const maior = Buffer.allocUnsafe(2 * (this.#em + n));
    this.#bytes.copy(maior, 0, 0, this.#em);
    this.#bytes = maior;
  }
}

/** Reads what an {@link Escrita} wrote, in the same order. */
export class Leitura {
  readonly #bytes: Buffer;
  #em: number;

  constructor(bytes: Buffer, em = 0) {
    this.#bytes = bytes;
    this.#em = em;
  }

  byte(): number {
    const n = this.#bytes[this.#em++];
    if (n === undefined) throw new Error('estado de cliente ilegível: acaba antes do fim');
    return n;
  }

  numero(): number {
    let byte = this.byte();
    let n = byte & 0x7f;
    for (let escala = 0x80; byte >= 0x80; escala *= 0x80) {
      byte = this.byte();
      n += (byte & 0x7f) * escala;
    }
    return n;
  }

  inteiro(): number {
    const n = this.numero();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  texto(): string {
    const inicio = this.#salta(this.numero());
    return this.#bytes.toString('utf8', inicio, this.#em);
  }

  latin1(): string {
    const inicio = this.#salta(this.numero());
    return this.#bytes.toString('latin1', inicio, this.#em);
  }

  fixos(n: number): Buffer {
    const inicio = this.#salta(n);
    return this.#bytes.subarray(inicio, this.#em);
  }

  /** All that is left. */
  resto(): Buffer {
    return this.fixos(this.#bytes.length - this.#em);
  }

  #salta(n: number): number {
    const inicio = this.#em;
    this.#em += n;
    if (this.#em > this.#bytes.length) throw new Error('estado de cliente ilegível: acaba antes do fim');
    return inicio;
  }
}
