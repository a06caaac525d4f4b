import type { Item } from './leitura.ts';
import { leJson } from './leitura.ts';

const FIM_DE_LINHA = 0x0a;
const BRANCO = 0x20;

/**
 * Cuts bytes into lines as they come, holding one unfinished line of at most `maximo` bytes. A longer one is passed over
 * to its end, and is an item all the same.
 */
export class CortaLinhas {
  readonly #maximo: number;
  #partes: Buffer[] = [];
  #bytes = 0;

  constructor(maximo: number) {
    this.#maximo = maximo;
  }

  /** The items of the lines that end in this piece. */
  corta(pedaco: Buffer): Item[] {
    const itens: Item[] = [];
    let inicio = 0;
    for (let fim = pedaco.indexOf(FIM_DE_LINHA); fim !== -1; fim = pedaco.indexOf(FIM_DE_LINHA, inicio)) {
      this.#junta(pedaco.subarray(inicio, fim));
      itens.push(...this.fim());
      inicio = fim + 1;
    }
    this.#junta(pedaco.subarray(inicio));
    return itens;
  }

  /** The line without an end that a body may finish in; none where it is white space alone. */
  fim(): Item[] {
    const [linha, bytes] = [this.#partes.length === 1 ? this.#partes[0] : Buffer.concat(this.#partes), this.#bytes];
    this.#partes = [];
    this.#bytes = 0;
    if (bytes > this.#maximo) return [{ linhaLonga: this.#maximo }];
    return linha?.some((byte) => byte > BRANCO) ? [leJson(linha)] : [];
  }

  #junta(parte: Buffer): void {
    if (parte.length === 0) return;
    this.#bytes += parte.length;
    if (this.#bytes > this.#maximo) this.#partes = [];
    else this.#partes.push(parte);
  }
}
