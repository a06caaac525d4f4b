import { CodedError } from '#platform/errors.ts';
import type { CloudEvent } from '#producer/index.ts';
import type { Arquivo } from './arquivo.ts';
import { Conversor, mapaDoCabecalho, textoDa } from './conversao.ts';
import { LeitorDeCsv, type Registro } from './csv.ts';
import { eMais } from './exame.ts';
import { idDaLinha } from './identidade.ts';
import { type Linha, linhasDe, type Posicao, temAlgo } from './linhas.ts';
import type { Mapa } from './mapa.ts';
import { type ErroDaLinha, erroDaLinha } from './recusas.ts';
import { COLUNAS_DA_RECUSA, emBytes, type FormatoDoRelatorio, type Original, relatorioCsv } from './relatorio.ts';

/** One record of the file: the event it is, or what is wrong in it. */
export interface Item {
  linha: number;
  fim: Posicao;
  original: Original;
  lido: { evento: CloudEvent } | { erros: readonly [ErroDaLinha, ...ErroDaLinha[]] };
}

/** A file that can be read, from any place where a record begins. */
export interface Leitura {
  relatorio: FormatoDoRelatorio;
  /** Where the first record begins. */
  inicio: Posicao;
  itens(desde: Posicao): AsyncGenerator<Item[]>;
  /** The column that a field of the event comes from. */
  colunaDe(campo: string): string | null;
}

/** What a line becomes an event with. */
export interface Contexto {
  source: string;
  /** For lines without an id; asked for when there is one. */
  chave: () => string;
}

const BOM_UTF8 = '\u00ef\u00bb\u00bf';
const BOM_UTF16 = new Set(['\u00ff\u00fe', '\u00fe\u00ff']);
const SEPARADORES = [';', ',', '\t', '|'];

/** The one that stands most often outside of quotes. */
function separadorDe(cabecalho: string): string {
  const semTextos = cabecalho.replace(/"[^"]*"/g, '');
  const vezes = SEPARADORES.map((s) => semTextos.split(s).length);
  return SEPARADORES[vezes.indexOf(Math.max(...vezes))] ?? ';';
}

async function primeiraLinha(arquivo: Arquivo, desde: Posicao): Promise<Linha | null> {
  for await (const linhas of linhasDe(arquivo.le(desde.byte), desde)) {
    const achada = linhas.find(temAlgo);
    if (achada !== undefined) return achada;
  }
  return null;
}

interface Cabeca {
  separador: string;
  bom: boolean;
  /** The file's own columns, a character for a byte. */
  cabecalho: readonly string[];
  /** Columns of an earlier report in front of the file's own. */
  nossas: number;
  inicio: Posicao;
}

async function primeiroRegistro(arquivo: Arquivo, separador: string, desde: Posicao): Promise<Registro | null> {
  const leitor = new LeitorDeCsv({ separador, colunas: null, pareceRegistro: () => false });
  for await (const linhas of linhasDe(arquivo.le(desde.byte), desde)) {
    const [registro] = leitor.le(linhas);
    if (registro !== undefined) return registro;
  }
  return leitor.fim()[0] ?? null;
}

/** Byte order mark, Excel's `sep=;`, separator and header. @throws CodedError CSV_ILEGIVEL */
async function cabecaDe(arquivo: Arquivo, mapa: Mapa | null): Promise<Cabeca> {
  const recusa = (m: string): CodedError => new CodedError('CSV_ILEGIVEL', `${arquivo.caminho}: ${m}`, { exitCode: 2 });
  let primeira = await primeiraLinha(arquivo, { byte: 0, linha: 0 });
  if (primeira === null) throw recusa('o arquivo está vazio');
  const texto = primeira.bytes.toString('latin1');
  if (BOM_UTF16.has(texto.slice(0, 2))) throw recusa('está em UTF-16; salve-o como CSV UTF-8');
  const bom = texto.startsWith(BOM_UTF8);
  let inicio: Posicao = { byte: bom ? BOM_UTF8.length : 0, linha: 0 };
  const [, dito] = /^sep=(.)$/i.exec(bom ? texto.slice(BOM_UTF8.length) : texto) ?? [];
  if (dito !== undefined) {
    inicio = { byte: primeira.fim, linha: primeira.numero };
    primeira = await primeiraLinha(arquivo, inicio);
    if (primeira === null) throw recusa('o arquivo está vazio');
  }
  const separador = mapa?.separador ?? dito ?? separadorDe(primeira.bytes.toString('latin1'));
  const registro = await primeiroRegistro(arquivo, separador, inicio);
  const nossas = COLUNAS_DA_RECUSA.every((nome, n) => registro?.celulas[n]?.trim() === nome) ? 3 : 0;
  if (mapa?.colunas && nossas === 0) {
    const cabecalho = mapa.colunas.map((nome) => emBytes(nome, mapa.codificacao));
    return { separador, bom, cabecalho, nossas, inicio };
  }
  if (registro === null || registro.erro !== null) throw recusa('o cabeçalho não se lê: confira as aspas');
  return { separador, bom, cabecalho: registro.celulas.slice(nossas), nossas, inicio: registro.fim };
}

function colunasDivergentes(tem: number, espera: number): [ErroDaLinha] {
  return [erroDaLinha('COLUNAS_DIVERGENTES', `a linha tem ${tem} colunas, e o cabeçalho ${espera}`)];
}

class LeituraDeCsv implements Leitura {
  readonly relatorio: FormatoDoRelatorio;
  readonly inicio: Posicao;
  readonly #arquivo: Arquivo;
  readonly #cabeca: Cabeca;
  readonly #mapa: Mapa;
  readonly #conversor: Conversor;
  readonly #contexto: Contexto;

  constructor(arquivo: Arquivo, cabeca: Cabeca, mapa: Mapa | null, contexto: Contexto) {
    const { separador, bom, cabecalho } = cabeca;
    const codificacao = mapa?.codificacao ?? 'utf-8';
    const nomes = cabecalho.map((nome) => textoDa(nome, codificacao) ?? nome);
    [this.#arquivo, this.#cabeca, this.#contexto, this.inicio] = [arquivo, cabeca, contexto, cabeca.inicio];
    this.#mapa = mapa ?? mapaDoCabecalho(nomes);
    this.#conversor = new Conversor(this.#mapa, nomes);
    this.relatorio = relatorioCsv({ separador, codificacao, bom, cabecalho });
  }

  colunaDe(campo: string): string | null {
    return this.#conversor.colunaDe(campo);
  }

  async *itens(desde: Posicao): AsyncGenerator<Item[]> {
    const leitor = new LeitorDeCsv({
      separador: this.#cabeca.separador,
      colunas: this.#cabeca.nossas + this.#conversor.colunas.length,
      pareceRegistro: (celulas) => this.#temData(celulas),
    });
    for await (const linhas of linhasDe(this.#arquivo.le(desde.byte), desde)) yield this.#itens(leitor.le(linhas));
    yield this.#itens(leitor.fim());
  }

  #temData(celulas: readonly string[]): boolean {
    const lida = this.#conversor.converte(celulas.slice(this.#cabeca.nossas));
    return lida.erros.length === 0 && lida.evento.time !== undefined;
  }

  #itens(registros: readonly Registro[]): Item[] {
    const comAlgo = registros.filter(({ celulas, erro }) => erro !== null || celulas.some((c) => c.trim() !== ''));
    return comAlgo.map((r) => {
      const { linha, fim } = r;
      const celulas = r.celulas.slice(this.#cabeca.nossas);
      return { linha, fim, original: { celulas }, lido: this.#le(celulas, r.erro) };
    });
  }

  #le(celulas: readonly string[], erro: ErroDaLinha | null): Item['lido'] {
    if (erro !== null) return { erros: [erro] };
    const { colunas } = this.#conversor;
    const sobra = celulas.slice(colunas.length).some((c) => c.trim() !== '');
    if (celulas.length < colunas.length || sobra) return { erros: colunasDivergentes(celulas.length, colunas.length) };
    const lida = this.#conversor.converte(celulas);
    const { source, chave } = this.#contexto;
    const { type, time, data } = lida.evento;
    const id = lida.evento.id ?? idDaLinha(chave(), source, this.#porColuna(celulas));
    const evento = { specversion: '1.0', id, source, type, time, data } as CloudEvent;
    const [primeiro, ...outros] = lida.erros;
    if (primeiro === undefined) return { evento };
    return { erros: eMais([primeiro, ...outros], evento, (campo) => this.colunaDe(campo)) };
  }

  /** The cells that hold something; of columns with one name, each by its own. */
  #porColuna(celulas: readonly string[]): Record<string, string> {
    const { codificacao } = this.#mapa;
    const porNome: Record<string, string> = {};
    const { colunas } = this.#conversor;
    for (const [n, nome] of colunas.entries()) {
      const celula = celulas[n] ?? '';
      const texto = (textoDa(celula, codificacao) ?? celula).trim();
      if (texto !== '') porNome[colunas.indexOf(nome) === n ? nome : `${nome} ${n}`] = texto;
    }
    return porNome;
  }
}

/** @throws CodedError CSV_ILEGIVEL, MAPA_INVALIDO, MAPA_OBRIGATORIO */
export async function leituraDeCsv(arquivo: Arquivo, mapa: Mapa | null, contexto: Contexto): Promise<Leitura> {
  return new LeituraDeCsv(arquivo, await cabecaDe(arquivo, mapa), mapa, contexto);
}
