import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pseudonimizador } from '#domain/documento.ts';
import { type EventoLido, leEvento, textoDosErros } from '#domain/evento.ts';
import { lePortfolio, PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import type { Rulebook, Rulebooks } from '#domain/rulebook.ts';
import { causaDe } from '#platform/causa.ts';
import { resolveClientIdKey } from '#platform/config.ts';
import { CodedError } from '#platform/errors.ts';
import { leRulebook, loadRulebookFiles, loadRulebooks } from '#platform/rulebooks.ts';
import { textoUtf8 } from '#platform/utf8.ts';
import { linhasDe, temAlgo } from './importacao/linhas.ts';

/** What the offline commands work with: no servers. */
export interface Offline {
  rulebooks: Rulebooks;
  portfolio: PortfolioEmMemoria;
  le: (evento: unknown) => EventoLido;
}

export interface OpcoesOffline {
  portfolio?: string;
  rulebook?: string;
}

/** The parser's own words quote what it read, which may be a CPF: only where it stopped is said. */
function leJson(bytes: Uint8Array, onde: string): unknown {
  const texto = textoUtf8(bytes);
  if (texto === null) throw new CodedError('JSON_INVALIDO', `${onde}: não é JSON (em UTF-8)`, { exitCode: 2 });
  try {
    return JSON.parse(texto);
  } catch (e) {
    const [, posicao] = /at position (\d+)/.exec((e as Error).message) ?? [];
    const parada = posicao === undefined ? '' : ` (a partir do caractere ${Number(posicao) + 1})`;
    throw new CodedError('JSON_INVALIDO', `${onde}: não é JSON${parada}`, { exitCode: 2 });
  }
}

function ilegivel(caminho: string, e: unknown): CodedError {
  return new CodedError('ARQUIVO_ILEGIVEL', `${caminho}: não consegui ler (${causaDe(e)})`, { exitCode: 2 });
}

async function leArquivo(caminho: string): Promise<Buffer> {
  try {
    return await readFile(caminho);
  } catch (e) {
    throw ilegivel(caminho, e);
  }
}

async function carregaPortfolio(caminho: string | undefined): Promise<PortfolioEmMemoria> {
  if (caminho === undefined) return new PortfolioEmMemoria();
  const lido = lePortfolio(leJson(await leArquivo(caminho), caminho));
  if (lido.ok) return lido.valor;
  const erros = lido.erros.map((e) => textoDosErros([e])).join('\n');
  throw new CodedError('PORTFOLIO_INVALIDO', `${caminho}:\n${erros}`, { exitCode: 2 });
}

async function carregaRulebooks(caminho: string | undefined): Promise<Rulebooks> {
  if (caminho === undefined) return loadRulebooks();
  const info = await stat(caminho).catch((e: Error) => {
    throw ilegivel(caminho, e);
  });
  return info.isDirectory() ? loadRulebooks(caminho) : loadRulebookFiles([caminho]);
}

/** Loads the one version in a YAML file, and its text. @throws CodedError ARQUIVO_ILEGIVEL, RULEBOOK_INVALIDO */
export async function carregaRulebook(arquivo: string): Promise<{ rulebook: Rulebook; yaml: string }> {
  const yaml = (await leArquivo(arquivo)).toString('utf8');
  return { rulebook: leRulebook(yaml, basename(arquivo)), yaml };
}

/** Loads what an offline command was given; without options, the project's rulebooks and an empty portfolio. */
export async function preparaOffline(opcoes: OpcoesOffline): Promise<Offline> {
  const pseudonimo = pseudonimizador(resolveClientIdKey());
  const [rulebooks, portfolio] = await Promise.all([
    carregaRulebooks(opcoes.rulebook),
    carregaPortfolio(opcoes.portfolio),
  ]);
  return { rulebooks, portfolio, le: (evento) => leEvento(evento, pseudonimo) };
}

/** Parses the single JSON document of a file, `-` or nothing for stdin. */
export async function leDocumento(arquivo: string | undefined): Promise<unknown> {
  if (arquivo !== undefined && arquivo !== '-') return leJson(await leArquivo(arquivo), arquivo);
  const partes: Buffer[] = [];
  for await (const parte of process.stdin) partes.push(parte as Buffer);
  return leJson(Buffer.concat(partes), 'entrada');
}

/** The bytes of a file. @throws CodedError ARQUIVO_ILEGIVEL, also for a folder, and for what fails while it is read */
async function* bytesDe(caminho: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(caminho) as AsyncIterable<Buffer>;
  } catch (e) {
    throw ilegivel(caminho, e);
  }
}

/**
 * The JSON values of an NDJSON file (`-` or nothing: stdin), one a line, blank lines left out; read as `import` and the
 * door read one.
 * @throws CodedError JSON_INVALIDO with the number of the line that is not JSON (exit code 2)
 */
export async function* linhas(arquivo: string | undefined): AsyncGenerator<unknown> {
  const deArquivo = arquivo !== undefined && arquivo !== '-';
  const bytes = deArquivo ? bytesDe(arquivo) : (process.stdin as AsyncIterable<Buffer>);
  for await (const algumas of linhasDe(bytes, undefined, Number.POSITIVE_INFINITY)) {
    for (const linha of algumas.filter(temAlgo)) yield leJson(linha.bytes, `linha ${linha.numero}`);
  }
}
