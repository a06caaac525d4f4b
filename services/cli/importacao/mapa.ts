import { readFile } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import '#domain/linguagem.ts';
import { causaDe } from '#platform/causa.ts';
import { CodedError } from '#platform/errors.ts';
import { CAMPOS, DOCUMENTOS } from './campos.ts';
import type { Decimal } from './celulas.ts';
import { FORMATOS, Fuso, formatoDe } from './datas.ts';

export const CODIFICACOES = ['utf-8', 'latin1'] as const;
export type Codificacao = (typeof CODIFICACOES)[number];

const fuso = z.string().transform((nome, contexto) => {
  try {
    return new Fuso(nome);
  } catch {
    contexto.addIssue({ code: 'custom', message: `'${nome}' não é um fuso, como America/Sao_Paulo ou America/Manaus` });
    return z.NEVER;
  }
});
const formato = z.string().transform((texto, contexto) => {
  const lido = formatoDe(texto);
  if (lido !== null) return lido;
  contexto.addIssue({ code: 'custom', message: `'${texto}' não é um formato de data, como dd/MM/aaaa HH:mm` });
  return z.NEVER;
});
const hora = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'deve ser uma hora, como 00:00 ou 12:00')
  .transform((texto) => (Number(texto.slice(0, 2)) * 60 + Number(texto.slice(3))) * 60_000);
const decimal = z.enum([',', '.'], 'deve ser "," ou "."');
const valor = z.union([z.string(), z.number(), z.boolean()], 'deve ser um texto, um número, true ou false');
const coluna = z.string().min(1);

const regra = z
  .preprocess(
    (dado) => (typeof dado === 'string' ? { coluna: dado } : dado),
    z.strictObject({
      coluna: coluna.optional(),
      colunas: z.array(coluna).min(1).optional(),
      junta: z.string().optional(),
      constante: valor.optional(),
      traducao: z.record(z.string(), valor).optional(),
      senao: valor.optional(),
      formato: z.union([z.array(formato), formato.transform((um) => [um])]).optional(),
      fuso: fuso.optional(),
      hora: hora.optional(),
      decimal: decimal.optional(),
      zeros: z.int().min(1).max(20).optional(),
    }),
  )
  .superRefine(({ coluna, colunas, constante, senao, traducao }, contexto) => {
    if ([coluna, colunas, constante].filter((um) => um !== undefined).length !== 1) {
      contexto.addIssue({ code: 'custom', message: 'leva uma só de coluna, colunas e constante' });
    }
    if (senao !== undefined && traducao === undefined) {
      contexto.addIssue({ code: 'custom', path: ['senao'], message: 'só acompanha traducao' });
    }
  });

/** How one field of the event is made of a row. */
export type Regra = z.infer<typeof regra>;

const esquema = z.strictObject({
  separador: z.string().length(1, 'deve ser um caractere').optional(),
  codificacao: z.enum(CODIFICACOES, `deve ser ${CODIFICACOES.join(' ou ')}`).default('utf-8'),
  colunas: z.array(coluna).min(1).optional(),
  fuso: fuso.default(() => new Fuso('America/Sao_Paulo')),
  datas: z.array(formato).default(() => FORMATOS.map((texto) => formatoDe(texto) as RegExp)),
  hora: hora.default(0),
  decimal: decimal.default(','),
  vazios: z.array(z.string()).default([]),
  campos: z.record(z.string(), regra),
});

/** How the rows of a file become events. */
export interface Mapa {
  /** null: as the header shows. */
  separador: string | null;
  codificacao: Codificacao;
  /** The names of the columns, of a file without a header. */
  colunas: readonly string[] | null;
  fuso: Fuso;
  datas: readonly RegExp[];
  hora: number;
  decimal: Decimal;
  /** Texts that stand for nothing. */
  vazios: ReadonlySet<string>;
  campos: ReadonlyMap<string, Regra>;
}

/** The columns a rule reads. */
export const colunasDa = ({ coluna, colunas }: Regra): readonly string[] =>
  colunas ?? (coluna === undefined ? [] : [coluna]);
const DOCUMENTO = /cpf|cnpj/i;

/** A CPF in an id would travel; a CNPJ would be one id for many interactions. */
function documentoNoId(campos: ReadonlyMap<string, Regra>): string[] {
  const documentos = new Set([...campos].flatMap(([campo, r]) => (DOCUMENTOS.has(campo) ? colunasDa(r) : [])));
  const id = campos.get('id');
  const usadas = id === undefined ? [] : colunasDa(id);
  return usadas
    .filter((c) => documentos.has(c) || DOCUMENTO.test(c))
    .map((c) => `campos.id: a coluna '${c}' é um documento, que não é id de interação; tire-a, ou deixe o id sem mapa`);
}

function errosDosCampos(campos: ReadonlyMap<string, Regra>): string[] {
  const desconhecidos = [...campos.keys()].filter((campo) => !CAMPOS.has(campo));
  const constante = campos.get('id')?.constante;
  return [
    ...desconhecidos.map((campo) => `campos.${campo}: o contrato não tem este campo, ou ele não cabe numa célula`),
    ...documentoNoId(campos),
    ...(constante === undefined ? [] : ['campos.id: um id constante faria de todas as linhas uma só interação']),
    ...['tipo', 'time', 'unidade'].filter((c) => !campos.has(c)).map((c) => `campos.${c}: obrigatório`),
  ];
}

/** @throws CodedError MAPA_INVALIDO with every error, one a line */
function invalido(nome: string, erros: readonly string[]): CodedError {
  return new CodedError('MAPA_INVALIDO', erros.map((e) => `${nome}: ${e}`).join('\n'), { exitCode: 2 });
}

function valida(dados: unknown, nome: string): Mapa {
  const lido = esquema.safeParse(dados);
  if (!lido.success) {
    throw invalido(
      nome,
      lido.error.issues.map((i) => `${i.path.join('.') || 'mapa'}: ${i.message}`),
    );
  }
  const { separador = null, colunas = null, vazios, campos, ...resto } = lido.data;
  const porCampo = new Map(Object.entries(campos).map(([c, r]) => [c.replace(/^data\./, ''), r]));
  const erros = errosDosCampos(porCampo);
  if (erros.length > 0) throw invalido(nome, erros);
  return { ...resto, separador, colunas, vazios: new Set(vazios), campos: porCampo };
}

/** Reads a map out of the text of its file. @throws CodedError MAPA_INVALIDO */
export function leMapa(texto: string, nome: string): Mapa {
  try {
    return valida(parse(texto), nome);
  } catch (e) {
    if (e instanceof YAMLParseError) throw invalido(nome, [`não é YAML: ${e.message}`]);
    throw e;
  }
}

/** Reads a map's file, and gives its text too. @throws CodedError ARQUIVO_ILEGIVEL, MAPA_INVALIDO */
export async function carregaMapa(arquivo: string): Promise<{ mapa: Mapa; texto: string }> {
  const texto = await readFile(arquivo, 'utf8').catch((e: Error) => {
    throw new CodedError('ARQUIVO_ILEGIVEL', `${arquivo}: não consegui ler (${causaDe(e)})`, { exitCode: 2 });
  });
  return { mapa: leMapa(texto, arquivo), texto };
}

/** The map of a file whose columns are named as the fields of the contract. */
export function mapaPelosNomes(campos: ReadonlyMap<string, string>): Mapa {
  return valida({ campos: Object.fromEntries(campos) }, 'cabeçalho');
}
