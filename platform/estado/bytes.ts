/** A length under this takes one byte itself. */
const CURTO = 0x80;
/** No UTF-16 unit takes more bytes. */
const MAIS_POR_UNIDADE = 3;

const UUID = { texto: 36, bytes: 16, hifens: [4, 6, 8, 10] };
const HIFEN = 45;
const DIGITOS = Buffer.from('0123456789abcdef');

/** One after the other is put together here: its hyphens stay. */
const uuidEmTexto = Buffer.alloc(UUID.texto, HIFEN);

/** Of a hexadecimal digit in lower case. */
const valorDoDigito = (codigo: number): number => (codigo < 0x61 ? codigo - 0x30 : codigo - 0x61 + 10);

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
    if (texto.length < CURTO) {
      // Written where it belongs, which says how many bytes it has: to count those of a short one costs more.
      this.#reserva(1 + MAIS_POR_UNIDADE * texto.length);
      const tamanho = this.#bytes.write(texto, this.#em + 1);
      if (tamanho < CURTO) {
        this.#bytes[this.#em] = tamanho;
        this.#em += 1 + tamanho;
        return;
      }
    }
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

  /** A UUID in lower case, in sixteen bytes. */
  uuid(uuid: string): void {
    this.#reserva(UUID.bytes);
    for (let n = 0; n < UUID.texto; n += 2) {
      if (uuid.charCodeAt(n) === HIFEN) n += 1;
      this.#bytes[this.#em++] = (valorDoDigito(uuid.charCodeAt(n)) << 4) | valorDoDigito(uuid.charCodeAt(n + 1));
    }
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

  uuid(): string {
    const inicio = this.#salta(UUID.bytes);
    let em = 0;
    for (let n = 0; n < UUID.bytes; n += 1) {
      if (UUID.hifens.includes(n)) em += 1;
      const byte = this.#bytes[inicio + n] ?? 0;
      uuidEmTexto[em++] = DIGITOS[byte >> 4] ?? 0;
      uuidEmTexto[em++] = DIGITOS[byte & 15] ?? 0;
    }
    return uuidEmTexto.toString('latin1');
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
