import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress, type ZstdCompress } from 'node:zlib';
import type { ResultadoDoItem } from '#platform/http/rotas-de-escrita.ts';

/** Characters of answers kept in memory; more of them go to disk. */
const NA_MEMORIA = 1_048_576;

/** Compressed, so that a line of three bytes does not become a hundred there; without a name, so that nothing stays. */
class NoDisco {
  readonly #arquivo: FileHandle;
  readonly #entrada: ZstdCompress = createZstdCompress();
  readonly #gravado: Promise<void>;

  constructor(arquivo: FileHandle) {
    this.#arquivo = arquivo;
    // Not by a stream of the file's: one that does not close it holds on to it, and nobody else's close() closes it then.
    this.#gravado = pipeline(this.#entrada, async (pedacos: AsyncIterable<Buffer>) => {
      for await (const pedaco of pedacos) await arquivo.appendFile(pedaco);
    });
    this.#gravado.catch(() => undefined);
  }

  static async abre(): Promise<NoDisco> {
    const caminho = join(tmpdir(), `atendido-respostas-${randomUUID()}`);
    const arquivo = await open(caminho, 'wx+', 0o600);
    await unlink(caminho);
    return new NoDisco(arquivo);
  }

  async escreve(texto: string): Promise<void> {
    if (this.#entrada.write(texto)) return;
    await Promise.race([once(this.#entrada, 'drain'), this.#gravado]);
  }

  /** All of it, once; the file goes with the stream. */
  async le(): Promise<Readable> {
    this.#entrada.end();
    await this.#gravado;
    const aberto = createZstdDecompress();
    pipeline(this.#arquivo.createReadStream({ start: 0 }), aberto).catch((error: Error) => aberto.destroy(error));
    return aberto;
  }

  async descarta(): Promise<void> {
    this.#entrada.destroy();
    await this.#gravado.catch(() => undefined);
    await this.#arquivo.close();
  }
}

/** The answers of a stream of any length, in order, as one JSON list: in bounded memory. */
export class Resultados {
  readonly #naMemoria: number;
  #texto = '';
  #disco: NoDisco | null = null;
  #todos = 0;
  #aceitos = 0;

  /** @param naMemoria characters kept in memory */
  constructor(naMemoria: number = NA_MEMORIA) {
    this.#naMemoria = naMemoria;
  }

  get todos(): number {
    return this.#todos;
  }

  get aceitos(): number {
    return this.#aceitos;
  }

  async acrescenta(resultados: readonly ResultadoDoItem[]): Promise<void> {
    for (const resultado of resultados) {
      this.#texto += `${this.#todos === 0 ? '[' : ','}${JSON.stringify(resultado)}`;
      this.#todos += 1;
      if (resultado.estado === 'aceito') this.#aceitos += 1;
    }
    if (this.#texto.length > this.#naMemoria) await this.#paraODisco();
  }

  /** The list; of one call only. */
  async corpo(): Promise<Readable> {
    this.#texto += ']';
    if (this.#disco === null) return Readable.from([this.#texto], { objectMode: false });
    await this.#paraODisco();
    return this.#disco.le();
  }

  async descarta(): Promise<void> {
    await this.#disco?.descarta();
  }

  async #paraODisco(): Promise<void> {
    this.#disco ??= await NoDisco.abre();
    const texto = this.#texto;
    this.#texto = '';
    await this.#disco.escreve(texto);
  }
}
