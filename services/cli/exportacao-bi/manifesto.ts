import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { causaDe } from '#platform/causa.ts';
import { CodedError } from '#platform/errors.ts';
import { gravaInteiro } from './gravacao.ts';
import { TABELAS, type TopicoExportado } from './tabelas.ts';

export type FormatoDeArquivo = 'parquet' | 'csv';

/** One file of records: those of a partition from offset `de` up to `ate` (exclusive) that fall in the period. */
export interface ArquivoGravado {
  arquivo: string;
  topico: TopicoExportado;
  particao: number;
  de: number;
  ate: number;
  registros: number;
}

/** How far a partition was read: what comes next, and the first there was. */
export interface PosicaoLida {
  desde: number;
  posicao: number;
  /** Records that could not be read: none of them is in a file. */
  ilegiveis: number;
}

/** What a folder holds, and up to where. It is the truth: a file that is not named here does not belong. */
export interface Manifesto {
  versao: 1;
  formato: FormatoDeArquivo;
  /** ISO 8601. */
  de: string;
  ate: string | null;
  /** The columns of each topic, with their types: what was exported otherwise is not added to. */
  colunas: Record<string, string>;
  posicoes: Partial<Record<TopicoExportado, Record<string, PosicaoLida>>>;
  arquivos: ArquivoGravado[];
  /** When the last export ended, ISO 8601; null: none did. */
  terminadaEm: string | null;
}

const NOME = 'manifesto.json';

const colunasDeHoje = (): Record<string, string> =>
  Object.fromEntries(
    TABELAS.map(({ topico, colunas }) => [topico, colunas.map((c) => `${c.nome} ${c.tipo}`).join(', ')]),
  );

function novo(pedido: Pick<Manifesto, 'formato' | 'de' | 'ate'>): Manifesto {
  return { versao: 1, ...pedido, colunas: colunasDeHoje(), posicoes: {}, arquivos: [], terminadaEm: null };
}

const igual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** @throws CodedError EXPORTACAO_DIFERENTE naming what is not the same */
function confere(pasta: string, { formato, de, ate, colunas, versao }: Manifesto, pedido: Manifesto): void {
  const lados: [que: string, antes: unknown, agora: unknown][] = [
    ['--format', formato, pedido.formato],
    ['--from', de, pedido.de],
    ['--to', ate ?? 'nenhum', pedido.ate ?? 'nenhum'],
    ['as colunas', igual(colunas, pedido.colunas) ? 0 : 'outras', 0],
    ['a versão do manifesto', versao, pedido.versao],
  ];
  const outros = lados.filter(([, antes, agora]) => antes !== agora);
  if (outros.length === 0) return;
  const quais = outros.map(([que, antes, agora]) => (antes === 'outras' ? que : `${que} (${antes}, e não ${agora})`));
  const mensagem = `${pasta} é de uma exportação diferente: ${quais.join('; ')}. Use as mesmas opções, ou outra pasta`;
  throw new CodedError('EXPORTACAO_DIFERENTE', mensagem, { exitCode: 2 });
}

/**
 * What a folder holds already, or that it holds nothing.
 * @throws CodedError EXPORTACAO_DIFERENTE it is of an export with other options; ARQUIVO_ILEGIVEL
 */
export async function leManifesto(
  pasta: string,
  pedido: Pick<Manifesto, 'formato' | 'de' | 'ate'>,
): Promise<Manifesto> {
  const vazio = novo(pedido);
  let texto: string;
  try {
    texto = await readFile(join(pasta, NOME), 'utf8');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return vazio;
    throw new CodedError('ARQUIVO_ILEGIVEL', `${join(pasta, NOME)}: não consegui ler (${causaDe(e)})`);
  }
  let lido: Manifesto;
  try {
    lido = JSON.parse(texto) as Manifesto;
  } catch (e) {
    throw new CodedError('ARQUIVO_ILEGIVEL', `${join(pasta, NOME)}: não é um manifesto de exportação`, { cause: e });
  }
  confere(pasta, lido, vazio);
  return lido;
}

/** @throws CodedError ARQUIVO_NAO_GRAVADO */
export async function gravaManifesto(pasta: string, manifesto: Manifesto): Promise<void> {
  await gravaInteiro(join(pasta, NOME), `${JSON.stringify(manifesto, null, 1)}\n`);
}
