import { PSEUDONIMO_PF } from './documento.ts';

const HASHES = 7;
/** So many bits for each id, at least: under one in a hundred is taken for known without being so. */
const BITS_POR_ID = 10;
const MENOR_BITS = 2 ** 16;
const MAIOR_BITS = 2 ** 32;

function potenciaDeDois(minimo: number): number {
  return 2 ** Math.ceil(Math.log2(Math.min(MAIOR_BITS, Math.max(MENOR_BITS, minimo))));
}

/**
 * A set of client ids of people (a Bloom filter): whoever was put in is in; now and then somebody is who was not. An id is
 * the output of an HMAC, uniform already: its hashes are slices of it. The bytes may be shared between threads.
 */
export class FiltroDeIds {
  readonly bytes: Uint8Array;

  /** @param bytes as another's `bytes` */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An empty one, in which so many ids find room. */
  static para(ids: number): FiltroDeIds {
    return new FiltroDeIds(new Uint8Array(potenciaDeDois(ids * BITS_POR_ID) / 8));
  }

  /** Whether so many ids find room: with more, ever more would be taken for known. */
  comporta(ids: number): boolean {
    return ids * BITS_POR_ID <= this.bytes.length * 8;
  }

  /** @returns whether it was not in before; what is no pseudonym of a person never is */
  adiciona(id: string): boolean {
    let novo = false;
    for (const bit of this.#bits(id)) {
      const [onde, mascara] = [Math.floor(bit / 8), 1 << (bit % 8)];
      if (((this.bytes[onde] ?? 0) & mascara) !== 0) continue;
      this.bytes[onde] = (this.bytes[onde] ?? 0) | mascara;
      novo = true;
    }
    return novo;
  }

  tem(id: string): boolean {
    const bits = this.#bits(id);
    return bits.length > 0 && bits.every((bit) => ((this.bytes[Math.floor(bit / 8)] ?? 0) & (1 << (bit % 8))) !== 0);
  }

  /** The same set in as few bytes as so many ids need: one half laid over the other leaves nobody out. */
  dobrado(ids: number): FiltroDeIds {
    let { bytes } = this;
    const alvo = potenciaDeDois(ids * BITS_POR_ID) / 8;
    while (bytes.length > alvo) {
      const metade = bytes.length / 2;
      const segunda = bytes.subarray(metade);
      bytes = bytes.slice(0, metade).map((byte, n) => byte | (segunda[n] ?? 0));
    }
    return new FiltroDeIds(bytes);
  }

  #bits(id: string): number[] {
    if (!PSEUDONIMO_PF.test(id)) return [];
    const hash = Buffer.from(id.slice(3), 'base64url');
    const [a, b] = [hash.readUIntBE(0, 6), hash.readUIntBE(6, 6) | 1];
    const total = this.bytes.length * 8;
    return Array.from({ length: HASHES }, (_, n) => (a + n * (b >>> 0)) % total);
  }
}
