import { isUtf8 } from 'node:buffer';
import { cnpjValido, cpfValido } from '#domain/documento.ts';
import { PREFIXO_TIPO, TIPOS_INTERACAO } from '#domain/interacao.ts';
import { CodedError } from '#platform/errors.ts';
import { CAMPOS, campoDaColuna } from './campos.ts';
import { completaZeros, leBooleano, leNumero, semAcento } from './celulas.ts';
import { leData } from './datas.ts';
import { type Codificacao, colunasDa, type Mapa, mapaPelosNomes, type Regra } from './mapa.ts';
import { type CodigoDaLinha, type ErroDaLinha, erroDaLinha } from './recusas.ts';

/** What a row says, before it has a source: `data` without documents replaced. */
export interface EventoDaLinha {
  id: string | null;
  /** Absent where the cell is empty: the door says so. */
  type: string | undefined;
  time: string | undefined;
  data: Record<string, unknown>;
}

/** The event and, where there are errors, what of it could be read. */
export interface Convertida {
  evento: EventoDaLinha;
  erros: readonly ErroDaLinha[];
}

const FORA_DO_ASCII = /[\x80-\xff]/;
const windows1252 = new TextDecoder('windows-1252');

/** The text of a cell, a character of which stands for a byte; null: it is not in this encoding. */
export function textoDa(celula: string, codificacao: Codificacao): string | null {
  if (!FORA_DO_ASCII.test(celula)) return celula;
  const bytes = Buffer.from(celula, 'latin1');
  if (codificacao === 'latin1') return windows1252.decode(bytes);
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

const SEM_CABECALHO =
  'a primeira linha parece de dados, e por isso não a mostro; se o arquivo não tem cabeçalho, diga no mapa as suas `colunas`';
/** Digits of a document without its zeros, of a date, of a telephone. */
const MUITOS_DIGITOS = 5;

/** Whether what stands where the names of columns belong is somebody's record: that is not to be shown. */
function pareceDados(cabecalho: readonly string[]): boolean {
  return cabecalho.some((nome) => nome.replace(/\D/g, '').length >= MUITOS_DIGITOS || nome.includes('@'));
}

type Lida = { valor: unknown } | { codigo: CodigoDaLinha; detalhe: string };
type Leitor = (texto: string) => Lida;

const CURTO = 60;
const citado = (texto: string): string => `'${texto.length > CURTO ? `${texto.slice(0, CURTO)}…` : texto}'`;

function leitorDeTipo(): Leitor {
  const conhecidos = new Map(TIPOS_INTERACAO.map((tipo) => [semAcento(tipo), PREFIXO_TIPO + tipo]));
  return (texto) => {
    const valor = conhecidos.get(semAcento(texto).replace(PREFIXO_TIPO, ''));
    if (valor !== undefined) return { valor };
    return { codigo: 'TIPO_DESCONHECIDO', detalhe: `${citado(texto)} não é um tipo de interação` };
  };
}

function leitorDeInstante(regra: Regra, mapa: Mapa): Leitor {
  const leitura = {
    formatos: regra.formato ?? mapa.datas,
    fuso: regra.fuso ?? mapa.fuso,
    horaDoDia: regra.hora ?? mapa.hora,
  };
  return (texto) => {
    const t = leData(texto, leitura);
    if (t !== null) return { valor: new Date(t).toISOString() };
    return { codigo: 'DATA_INVALIDA', detalhe: `${citado(texto)} não é uma data num dos formatos esperados` };
  };
}

function leitorDeNumero(regra: Regra, mapa: Mapa, inteiro: boolean): Leitor {
  const decimal = regra.decimal ?? mapa.decimal;
  return (texto) => {
    const n = leNumero(texto, decimal);
    if (n !== null && (!inteiro || Number.isInteger(n))) return { valor: n };
    const oQue = inteiro ? 'um número inteiro' : `um número com '${decimal}' decimal`;
    return { codigo: 'NUMERO_INVALIDO', detalhe: `${citado(texto)} não é ${oQue}` };
  };
}

/** As the door would say; here it is said beside what else is wrong in the line. */
const CONFERE: Readonly<Record<string, { codigo: CodigoDaLinha; valido: (documento: string) => boolean }>> = {
  'cliente.pf.cpf': { codigo: 'CPF_INVALIDO', valido: cpfValido },
  'cliente.pj.cnpj': { codigo: 'CNPJ_INVALIDO', valido: cnpjValido },
  pjCriada: { codigo: 'CNPJ_INVALIDO', valido: cnpjValido },
};

function leitorDe(campo: string, regra: Regra, mapa: Mapa): Leitor {
  const tipo = CAMPOS.get(campo);
  if (campo === 'tipo') return leitorDeTipo();
  if (tipo === 'instante') return leitorDeInstante(regra, mapa);
  if (tipo === 'numero' || tipo === 'inteiro') return leitorDeNumero(regra, mapa, tipo === 'inteiro');
  if (tipo === 'booleano') {
    return (texto) => {
      const valor = leBooleano(texto);
      if (valor !== null) return { valor };
      return { codigo: 'BOOLEANO_INVALIDO', detalhe: `${citado(texto)} não é sim nem não` };
    };
  }
  const { zeros } = regra;
  const confere = CONFERE[campo];
  return (texto) => {
    const valor = zeros === undefined ? texto : completaZeros(texto, zeros);
    if (confere === undefined || confere.valido(valor)) return { valor };
    return { codigo: confere.codigo, detalhe: 'os dígitos verificadores não conferem' };
  };
}

function comTraducao({ traducao, senao }: Regra, le: Leitor): Leitor {
  if (traducao === undefined) return le;
  const palavras = new Map(Object.entries(traducao).map(([de, para]) => [semAcento(de.trim()), String(para)]));
  return (texto) => {
    const palavra = palavras.get(semAcento(texto)) ?? (senao === undefined ? undefined : String(senao));
    if (palavra !== undefined) return le(palavra);
    return { codigo: 'VALOR_SEM_TRADUCAO', detalhe: `${citado(texto)} não está na tradução do mapa` };
  };
}

/** One field, bound to the columns of a file. */
interface Ligado {
  campo: string;
  caminho: readonly string[];
  /** By place; empty: it is a constant. */
  colunas: readonly number[];
  nomes: string | null;
  junta: string;
  le: Leitor;
  constante: Lida | null;
}

/** Rows of one file to events. */
export class Conversor {
  readonly colunas: readonly string[];
  readonly #mapa: Mapa;
  readonly #campos: readonly Ligado[];
  /** Groups that cells make, or leave out. */
  readonly #grupos: ReadonlySet<string>;

  /**
   * @param cabecalho the names of the columns
   * @throws CodedError MAPA_INVALIDO naming every column that the file does not have, or has twice
   */
  constructor(mapa: Mapa, cabecalho: readonly string[]) {
    this.#mapa = mapa;
    this.colunas = cabecalho.map((nome) => nome.trim());
    const faltam: string[] = [];
    const lugar = (nome: string): number => {
      const achado = this.colunas.indexOf(nome.trim());
      if (achado === -1) faltam.push(`não há a coluna '${nome}'`);
      else if (this.colunas.lastIndexOf(nome.trim()) !== achado) faltam.push(`há duas colunas '${nome}'`);
      return achado;
    };
    this.#campos = [...mapa.campos].map(([campo, regra]) => ligado(campo, regra, mapa, lugar));
    this.#grupos = new Set(this.#campos.filter(({ constante }) => constante === null).map(grupoDe));
    const constantes = this.#campos.filter(({ constante }) => constante !== null && 'codigo' in constante);
    faltam.push(...constantes.map(({ campo }) => `campos.${campo}: a constante não serve para este campo`));
    if (faltam.length > 0) {
      const ha = pareceDados(cabecalho) ? SEM_CABECALHO : `o arquivo tem: ${this.colunas.join(', ')}`;
      throw new CodedError('MAPA_INVALIDO', `${[...faltam, ha].join('\n')}`, { exitCode: 2 });
    }
  }

  /** The event that a record is, or everything that is wrong in it. */
  converte(celulas: readonly string[]): Convertida {
    const erros: ErroDaLinha[] = [];
    const lidos: { ligado: Ligado; valor: unknown }[] = [];
    for (const ligado of this.#campos) {
      const lida = ligado.constante ?? this.#le(ligado, celulas);
      if (lida === null) continue;
      if ('valor' in lida) lidos.push({ ligado, valor: lida.valor });
      else erros.push(erroDaLinha(lida.codigo, lida.detalhe, ligado.campo, ligado.nomes ?? undefined));
    }
    return { evento: eventoDe(lidos, this.#grupos), erros };
  }

  /** The column a field of the event comes from (`data.` in front or not); null: from no one column. */
  colunaDe(campo: string): string | null {
    const nome = campo === 'type' ? 'tipo' : campo.replace(/^data\./, '');
    return this.#campos.find((c) => c.campo === nome)?.nomes ?? null;
  }

  #le({ colunas, junta, le }: Ligado, celulas: readonly string[]): Lida | null {
    const textos: string[] = [];
    for (const coluna of colunas) {
      const texto = textoDa(celulas[coluna] ?? '', this.#mapa.codificacao);
      if (texto === null) return { codigo: 'CODIFICACAO_DIVERGENTE', detalhe: 'não está em UTF-8' };
      const limpo = texto.trim();
      if (limpo !== '' && !this.#mapa.vazios.has(limpo)) textos.push(limpo);
    }
    return textos.length === 0 ? null : le(textos.join(junta));
  }
}

function ligado(campo: string, regra: Regra, mapa: Mapa, lugar: (nome: string) => number): Ligado {
  const nomes = colunasDa(regra);
  const le = comTraducao(regra, leitorDe(campo, regra, mapa));
  const { constante } = regra;
  const lida = typeof constante === 'string' ? le(constante) : { valor: constante };
  return {
    campo,
    caminho: campo.split('.'),
    colunas: nomes.map(lugar),
    nomes: nomes.length === 0 ? null : nomes.join(' + '),
    junta: regra.junta ?? (campo === 'id' ? '/' : ' '),
    le,
    constante: constante === undefined ? null : lida,
  };
}

const ATRIBUTOS: ReadonlySet<string> = new Set(['id', 'tipo', 'time']);

/** The group of a field (`cliente.pj` of `cliente.pj.vinculo`): constants alone do not make one, where cells might. */
const grupoDe = ({ caminho }: Ligado): string => caminho.slice(0, -1).join('.');

function eventoDe(lidos: readonly { ligado: Ligado; valor: unknown }[], grupos: ReadonlySet<string>): EventoDaLinha {
  const deCelulas = lidos.filter(({ ligado }) => ligado.constante === null);
  const presentes = new Set(deCelulas.map(({ ligado }) => grupoDe(ligado)));
  const atributos: Record<string, unknown> = {};
  const data: Record<string, unknown> = {};
  for (const { ligado, valor } of lidos) {
    const { campo, caminho } = ligado;
    if (ATRIBUTOS.has(campo)) {
      atributos[campo] = valor;
      continue;
    }
    const grupo = grupoDe(ligado);
    if (caminho.length > 1 && grupos.has(grupo) && !presentes.has(grupo)) continue;
    let alvo = data;
    for (const nome of caminho.slice(0, -1)) {
      alvo[nome] ??= {};
      alvo = alvo[nome] as Record<string, unknown>;
    }
    alvo[caminho.at(-1) as string] = valor;
  }
  const { id = null, tipo, time } = atributos as { id?: string; tipo?: string; time?: string };
  return { id, type: tipo, time, data };
}

/** The map of a file that has none: its columns are named as the fields. @throws CodedError MAPA_OBRIGATORIO */
export function mapaDoCabecalho(cabecalho: readonly string[]): Mapa {
  const campos = new Map<string, string>();
  const estranhas = cabecalho.filter((nome) => {
    const campo = campoDaColuna(nome);
    const repetido = campo !== null && campos.has(campo);
    if (campo !== null && !repetido) campos.set(campo, nome.trim());
    return campo === null || repetido;
  });
  if (estranhas.length === 0) return mapaPelosNomes(campos);
  const quais = `as colunas ${estranhas.map(citado).join(', ')} não são campos do contrato, ou são um que já há`;
  const oQue = pareceDados(cabecalho) ? SEM_CABECALHO : quais;
  throw new CodedError('MAPA_OBRIGATORIO', `${oQue}: diga o que cada uma é com --mapa`, { exitCode: 2 });
}
