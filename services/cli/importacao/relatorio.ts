import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { naoGravado } from '../exportacao/saida.ts';
import type { Codificacao } from './mapa.ts';
import { type ErroDaLinha, textoDoErro } from './recusas.ts';

/** A line as it stood in the file. */
export type Original = { celulas: readonly string[] } | { json: Buffer };

/** A line that is not taken, and why. */
export interface Recusada {
  linha: number;
  original: Original;
  erros: readonly [ErroDaLinha, ...ErroDaLinha[]];
}

/** What stands in front of the columns of a refused line: a file corrected by hand is imported again as it is. */
export const COLUNAS_DA_RECUSA = ['recusa.codigo', 'recusa.detalhe', 'recusa.linha'] as const;

/** How refused lines are written, so that they can be read again as the file was. */
export interface FormatoDoRelatorio {
  extensao: string;
  /** What the report begins with. */
  inicio: Buffer;
  linha(recusada: Recusada): Buffer;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

function detalheDe(erros: readonly ErroDaLinha[]): string {
  return erros.map(textoDoErro).join('; ').replace(/\s+/g, ' ');
}

/** One row; characters stand for bytes, as they were read. */
function linhaDeCsv(celulas: readonly string[], separador: string): Buffer {
  const escritas = celulas.map((c) => {
    const livre = !c.includes('"') && !c.includes('\n') && !c.includes('\r') && !c.includes(separador);
    return livre ? c : `"${c.replaceAll('"', '""')}"`;
  });
  return Buffer.from(`${escritas.join(separador)}\r\n`, 'latin1');
}

/** Our own words in the file's encoding, a character for a byte. */
export function emBytes(texto: string, codificacao: Codificacao): string {
  if (codificacao === 'latin1') return texto.replace(/[^\x20-\xff]/g, '?');
  return Buffer.from(texto, 'utf8').toString('latin1');
}

/** As the file was: its separator, its encoding, its own columns after ours. */
export function relatorioCsv(opcoes: {
  separador: string;
  codificacao: Codificacao;
  bom: boolean;
  /** The file's own columns, a character for a byte. */
  cabecalho: readonly string[];
}): FormatoDoRelatorio {
  const { separador, codificacao, bom, cabecalho } = opcoes;
  return {
    extensao: 'csv',
    inicio: Buffer.concat([...(bom ? [BOM] : []), linhaDeCsv([...COLUNAS_DA_RECUSA, ...cabecalho], separador)]),
    linha: ({ linha, original, erros }) => {
      const nossas = [erros[0].codigo, emBytes(detalheDe(erros), codificacao), String(linha)];
      return linhaDeCsv([...nossas, ...('celulas' in original ? original.celulas : [])], separador);
    },
  };
}

/** The event with what is wrong in front; a line that is no JSON object, as a text to be put right. */
export const RELATORIO_NDJSON: FormatoDoRelatorio = {
  extensao: 'ndjson',
  inicio: Buffer.alloc(0),
  linha: ({ linha, original, erros }) => {
    const recusa = JSON.stringify({ codigo: erros[0].codigo, detalhe: detalheDe(erros), linha });
    const texto = 'json' in original ? original.json.toString('utf8').trim() : '';
    const resto = comoObjeto(texto) ?? `"texto":${JSON.stringify(texto)}}`;
    return Buffer.from(`{"recusa":${recusa}${resto === '}' ? '' : ','}${resto}\n`);
  },
};

/** Whether an object without its `recusa` is what a line that is no object is kept as, and not an event with a `texto`. */
export function eSoTexto(objeto: Record<string, unknown>): objeto is { texto: string } {
  return Object.keys(objeto).length === 1 && typeof objeto.texto === 'string';
}

/** What follows the first brace of an object, as it stands; null: it is none, or would be taken for a text. */
function comoObjeto(texto: string): string | null {
  try {
    const lido: unknown = JSON.parse(texto);
    if (typeof lido !== 'object' || lido === null || Array.isArray(lido)) return null;
    const { recusa, ...resto } = lido as Record<string, unknown>;
    if (eSoTexto(resto)) return null;
    return recusa === undefined ? texto.slice(1).trimStart() : JSON.stringify(resto).slice(1);
  } catch {
    return null;
  }
}

const SO_O_DONO = 0o600;

/** The file of refused lines: made when there is one to write, readable by its owner alone. */
export class Relatorio {
  readonly caminho: string;
  readonly #formato: FormatoDoRelatorio;
  #bytes: number;
  #arquivo: FileHandle | null = null;

  /** @param bytes how much of it is known to be right; what a killed process wrote past that is cut off */
  constructor(caminho: string, formato: FormatoDoRelatorio, bytes: number) {
    [this.caminho, this.#formato, this.#bytes] = [caminho, formato, bytes];
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once the lines are on disk. @throws CodedError ARQUIVO_NAO_GRAVADO */
  async escreve(recusadas: readonly Recusada[]): Promise<void> {
    if (recusadas.length === 0) return;
    try {
      const arquivo = await this.#aberto();
      const inicio = this.#bytes === 0 ? [this.#formato.inicio] : [];
      const tudo = Buffer.concat([...inicio, ...recusadas.map((r) => this.#formato.linha(r))]);
      // A disk that is filling up takes a part, and says so by the count alone.
      for (let n = 0; n < tudo.length; ) {
        n += (await arquivo.write(tudo, n, tudo.length - n, this.#bytes + n)).bytesWritten;
      }
      await arquivo.datasync();
      this.#bytes += tudo.length;
    } catch (e) {
      naoGravado(this.caminho, e);
    }
  }

  async fecha(): Promise<void> {
    await this.#arquivo?.close();
    this.#arquivo = null;
  }

  /** Gives the name back where no line was refused. */
  async desiste(): Promise<void> {
    if (this.#bytes === 0) await rm(this.caminho, { force: true });
  }

  async #aberto(): Promise<FileHandle> {
    if (this.#arquivo !== null) return this.#arquivo;
    // Ours alone: its name was taken from nobody (see estado.ts).
    const arquivo = await open(this.caminho, constants.O_RDWR | (this.#bytes === 0 ? constants.O_CREAT : 0), SO_O_DONO);
    await arquivo.truncate(this.#bytes);
    this.#arquivo = arquivo;
    return arquivo;
  }
}
