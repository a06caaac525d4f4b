import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Coluna, Lido } from './colunas.ts';
import { cabecalho, linha } from './csv.ts';
import type { Conversor } from './duckdb.ts';
import { gravando, poe } from './gravacao.ts';

const BYTES_POR_VEZ = 1 << 20;

/**
 * A file of records under way: CSV, of which parquet is made at the end (DuckDB reads it as it streams, so that no more
 * than a row group is in memory). It has its name once it is whole.
 */
export class ArquivoEmCurso<T> {
  readonly #colunas: readonly Coluna<T>[];
  readonly #parcial: string;
  #aberto: FileHandle | null = null;
  #pendente = '';
  registros = 0;

  constructor(pasta: string, colunas: readonly Coluna<T>[]) {
    this.#colunas = colunas;
    this.#parcial = join(pasta, 'em-curso.csv');
  }

  /** @throws CodedError ARQUIVO_NAO_GRAVADO */
  async escreve(lidos: readonly Lido<T>[]): Promise<void> {
    for (const lido of lidos) {
      this.#pendente += linha(this.#colunas, lido);
      if (this.#pendente.length >= BYTES_POR_VEZ) await this.#descarrega();
    }
    this.registros += lidos.length;
  }

  async #descarrega(): Promise<void> {
    await gravando(this.#parcial, async () => {
      if (this.#aberto === null) {
        this.#aberto = await open(this.#parcial, 'w');
        await this.#aberto.writeFile(cabecalho(this.#colunas));
      }
      await this.#aberto.writeFile(this.#pendente);
    });
    this.#pendente = '';
  }

  /** Ends the file, under its name. @param conversor null: it stays CSV. @throws CodedError ARQUIVO_NAO_GRAVADO */
  async termina(definitivo: string, conversor: Conversor | null): Promise<void> {
    await this.#descarrega();
    await this.#aberto?.close();
    this.#aberto = null;
    await gravando(definitivo, async () => {
      if (conversor === null) return poe(this.#parcial, definitivo);
      const parquet = `${this.#parcial}.parquet`;
      await conversor.converte(this.#parcial, parquet, this.#colunas);
      await poe(parquet, definitivo);
      await rm(this.#parcial);
    });
  }

  /** Leaves nothing behind but what `termina` put in its place. */
  async fecha(): Promise<void> {
    await this.#aberto?.close();
    this.#aberto = null;
  }
}
