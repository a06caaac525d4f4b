const FIM_DE_LINHA = 0x0a;
const RETORNO = 0x0d;

/** One physical line of the file. */
export interface Linha {
  /** Without its end; empty where it is too long to be held. */
  bytes: Buffer;
  /** From 1. */
  numero: number;
  /** Where the next one begins: bytes of the (opened) file. */
  fim: number;
  longa: boolean;
}

/** What is no text: blanks, tabs, ends of lines. */
export const BRANCO = 0x20;
/** Whether a line holds something. */
export const temAlgo = ({ bytes, longa }: Linha): boolean => longa || bytes.some((byte) => byte > BRANCO);

/** How far into a file one is: where the next line begins, and the number of the line before. */
export interface Posicao {
  byte: number;
  linha: number;
}

/** The longest line that is held: as much as the door takes for one event. Bytes. */
const MAIOR_LINHA = 2_097_152;

class Cortador {
  readonly #maximo: number;
  #partes: Buffer[] = [];
  #bytes = 0;
  #byte: number;
  #numero: number;

  constructor({ byte, linha }: Posicao, maximo: number) {
    [this.#byte, this.#numero, this.#maximo] = [byte, linha, maximo];
  }

  corta(pedaco: Buffer): Linha[] {
    const linhas: Linha[] = [];
    let inicio = 0;
    for (let fim = pedaco.indexOf(FIM_DE_LINHA); fim !== -1; fim = pedaco.indexOf(FIM_DE_LINHA, inicio)) {
      this.#junta(pedaco.subarray(inicio, fim));
      linhas.push(this.#fecha(1));
      inicio = fim + 1;
    }
    this.#junta(pedaco.subarray(inicio));
    return linhas;
  }

  /** The last line, where the file does not end in an end of line. */
  fim(): Linha[] {
    return this.#bytes === 0 ? [] : [this.#fecha(0)];
  }

  #junta(parte: Buffer): void {
    if (parte.length === 0) return;
    this.#bytes += parte.length;
    if (this.#bytes > this.#maximo) this.#partes = [];
    else this.#partes.push(parte);
  }

  #fecha(terminador: number): Linha {
    const longa = this.#bytes > this.#maximo;
    const [unica] = this.#partes;
    let bytes = this.#partes.length === 1 && unica !== undefined ? unica : Buffer.concat(this.#partes);
    if (bytes.at(-1) === RETORNO) bytes = bytes.subarray(0, -1);
    this.#byte += this.#bytes + terminador;
    this.#numero += 1;
    this.#partes = [];
    this.#bytes = 0;
    return { bytes, numero: this.#numero, fim: this.#byte, longa };
  }
}

/**
 * Cuts a file into lines, some at a time, holding one unfinished line. A line longer than `maximo` is passed over to its
 * end, and is told of all the same.
 * @param desde where the bytes begin
 */
export async function* linhasDe(
  bytes: AsyncIterable<Buffer>,
  desde: Posicao = { byte: 0, linha: 0 },
  maximo: number = MAIOR_LINHA,
): AsyncGenerator<Linha[]> {
  const cortador = new Cortador(desde, maximo);
  for await (const pedaco of bytes) {
    const linhas = cortador.corta(pedaco);
    if (linhas.length > 0) yield linhas;
  }
  const ultima = cortador.fim();
  if (ultima.length > 0) yield ultima;
}
