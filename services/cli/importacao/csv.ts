import { parse } from 'csv-parse/sync';
import type { Linha, Posicao } from './linhas.ts';
import { temAlgo } from './linhas.ts';
import { type ErroDaLinha, erroDaLinha, linhaGrande } from './recusas.ts';

const ASPA = 0x22;
/** The longest record over several lines: what is longer is a quote that was never closed. */
const MAXIMO_DE_LINHAS = 200;

/** One record: a character stands for a byte, so that whatever the encoding nothing is lost. */
export interface Registro {
  celulas: string[];
  /** Where it begins, from 1. */
  linha: number;
  fim: Posicao;
  /** What keeps it from being read. */
  erro: ErroDaLinha | null;
}

export interface OpcoesDoCsv {
  separador: string;
  /** How many columns a record has; null: not known yet. */
  colunas: number | null;
  /** Whether cells are a record of this file, and not the middle of a text. */
  pareceRegistro: (celulas: readonly string[]) => boolean;
}

function aspasEm({ bytes }: Linha): number {
  let quantas = 0;
  for (let i = bytes.indexOf(ASPA); i !== -1; i = bytes.indexOf(ASPA, i + 1)) quantas += 1;
  return quantas;
}

/**
 * Records out of lines. csv-parse reads them, but is never given more than what surely belongs together: a quote that
 * was not closed would swallow the lines after it. Such a line is told of alone, and its neighbours are read.
 */
export class LeitorDeCsv {
  readonly #opcoes: OpcoesDoCsv;
  #pendentes: Linha[] = [];

  constructor(opcoes: OpcoesDoCsv) {
    this.#opcoes = opcoes;
  }

  /** The records that these lines complete. */
  le(linhas: readonly Linha[]): Registro[] {
    return this.#corta([...this.#pendentes, ...linhas], false);
  }

  /** What is left at the end of the file. */
  fim(): Registro[] {
    return this.#corta(this.#pendentes, true);
  }

  #corta(linhas: readonly Linha[], acabou: boolean): Registro[] {
    const registros: Registro[] = [];
    let grupo: Linha[] = [];
    const fechaGrupo = (): void => {
      if (grupo.length > 0) registros.push(...this.#grupo(grupo));
      grupo = [];
    };
    this.#pendentes = [];
    for (let i = 0; i < linhas.length; ) {
      const linha = linhas[i] as Linha;
      if (!linha.longa && aspasEm(linha) % 2 === 0) {
        if (temAlgo(linha)) grupo.push(linha);
        i += 1;
        continue;
      }
      fechaGrupo();
      const lido = linha.longa ? longa(linha) : this.#aberta(linhas, i, acabou);
      if (lido === null) {
        this.#pendentes = linhas.slice(i);
        return registros;
      }
      registros.push(lido.registro);
      i += lido.linhas;
    }
    fechaGrupo();
    return registros;
  }

  /** Lines that each hold whole records: all at once, and one by one where one of them is wrong. */
  #grupo(grupo: readonly Linha[]): Registro[] {
    const juntas = this.#parse(grupo);
    if (juntas?.length === grupo.length) {
      return grupo.map((linha, n) => registroDe(juntas[n] as string[], linha, linha));
    }
    return grupo.map((linha) => {
      const [celulas, ...outras] = this.#parse([linha]) ?? [];
      return celulas === undefined || outras.length > 0 ? this.#errada(linha) : registroDe(celulas, linha, linha);
    });
  }

  /** A line that ends within quotes: with those after it, up to where they close. null: more lines are needed. */
  #aberta(linhas: readonly Linha[], i: number, acabou: boolean): { registro: Registro; linhas: number } | null {
    const primeira = linhas[i] as Linha;
    const errada = { registro: this.#errada(primeira), linhas: 1 };
    for (let j = i + 1; j < linhas.length; j += 1) {
      const ultima = linhas[j] as Linha;
      if (ultima.longa || j - i >= MAXIMO_DE_LINHAS || this.#eRegistro(ultima)) return errada;
      if (aspasEm(ultima) % 2 === 0) continue;
      const [celulas, ...outras] = this.#parse(linhas.slice(i, j + 1)) ?? [];
      const colunas = this.#opcoes.colunas ?? celulas?.length;
      if (celulas === undefined || outras.length > 0 || celulas.length !== colunas) return errada;
      return { registro: registroDe(celulas, primeira, ultima), linhas: j - i + 1 };
    }
    return acabou ? errada : null;
  }

  /** A line that by itself is a record was swallowed, and belongs to no text. */
  #eRegistro(linha: Linha): boolean {
    const { colunas, pareceRegistro } = this.#opcoes;
    if (colunas === null) return false;
    const [strita] = this.#parse([linha]) ?? [];
    const celulas = strita ?? this.#semAspas(linha).map((c) => c.replace(/^"|"$/g, ''));
    return celulas.length === colunas && pareceRegistro(celulas);
  }

  #semAspas({ bytes }: Linha): string[] {
    return bytes.toString('latin1').split(this.#opcoes.separador);
  }

  #errada(linha: Linha): Registro {
    const erro = erroDaLinha('ASPAS_INVALIDAS', 'há aspas sem par, ou no meio de um texto que não está entre aspas');
    return { ...registroDe(this.#semAspas(linha), linha, linha), erro };
  }

  #parse(linhas: readonly Linha[]): string[][] | null {
    const pedacos = linhas.flatMap(({ bytes }, n) => (n === 0 ? [bytes] : [QUEBRA, bytes]));
    try {
      return parse(Buffer.concat(pedacos), {
        delimiter: this.#opcoes.separador,
        encoding: 'latin1',
        record_delimiter: '\n',
        relax_column_count: true,
      });
    } catch {
      // Whichever rule of quotes it breaks, it is told by line.
      return null;
    }
  }
}

const QUEBRA = Buffer.from('\n');

function registroDe(celulas: string[], primeira: Linha, ultima: Linha): Registro {
  return { celulas, linha: primeira.numero, fim: { byte: ultima.fim, linha: ultima.numero }, erro: null };
}

function longa(linha: Linha): { registro: Registro; linhas: number } {
  return { registro: { ...registroDe([], linha, linha), erro: linhaGrande() }, linhas: 1 };
}
