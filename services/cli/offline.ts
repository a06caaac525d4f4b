import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { pseudonimizador } from '#domain/documento.ts';
import { type EventoLido, leEvento } from '#domain/evento.ts';
import { lePortfolio, PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import type { Rulebook, Rulebooks } from '#domain/rulebook.ts';
import { resolveClientIdKey } from '#platform/config.ts';
import { CodedError } from '#platform/errors.ts';
import { leRulebook, loadRulebookFiles, loadRulebooks } from '#platform/rulebooks.ts';

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
function leJson(texto: string, onde: string): unknown {
  try {
    return JSON.parse(texto);
  } catch (e) {
    const [, posicao] = /at position (\d+)/.exec((e as Error).message) ?? [];
    const parada = posicao === undefined ? '' : ` (a partir do caractere ${Number(posicao) + 1})`;
    throw new CodedError('JSON_INVALIDO', `${onde}: não é JSON${parada}`, { exitCode: 2 });
  }
}

async function leArquivo(caminho: string): Promise<string> {
  try {
    return await readFile(caminho, 'utf8');
  } catch (e) {
    throw new CodedError('ARQUIVO_ILEGIVEL', `${caminho}: não consegui ler (${(e as Error).message})`, { exitCode: 2 });
  }
}

async function carregaPortfolio(caminho: string | undefined): Promise<PortfolioEmMemoria> {
  if (caminho === undefined) return new PortfolioEmMemoria();
  const lido = lePortfolio(leJson(await leArquivo(caminho), caminho));
  if (lido.ok) return lido.valor;
  const erros = lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('\n');
  throw new CodedError('PORTFOLIO_INVALIDO', `${caminho}:\n${erros}`, { exitCode: 2 });
}

async function carregaRulebooks(caminho: string | undefined): Promise<Rulebooks> {
  if (caminho === undefined) return loadRulebooks();
  const info = await stat(caminho).catch((e: Error) => {
    throw new CodedError('ARQUIVO_ILEGIVEL', `${caminho}: não consegui ler (${e.message})`, { exitCode: 2 });
  });
  return info.isDirectory() ? loadRulebooks(caminho) : loadRulebookFiles([caminho]);
}

/** Loads the one version in a YAML file, and its text. @throws CodedError ARQUIVO_ILEGIVEL, RULEBOOK_INVALIDO */
export async function carregaRulebook(arquivo: string): Promise<{ rulebook: Rulebook; yaml: string }> {
  const yaml = await leArquivo(arquivo);
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
  return leJson(Buffer.concat(partes).toString('utf8'), 'entrada');
}

/**
 * The JSON values of an NDJSON file (`-` or nothing: stdin), one a line, blank lines left out.
 * @throws CodedError JSON_INVALIDO with the number of the line that is not JSON (exit code 2)
 */
export async function* linhas(arquivo: string | undefined): AsyncGenerator<unknown> {
  const deArquivo = arquivo !== undefined && arquivo !== '-';
  if (deArquivo) {
    await stat(arquivo).catch((e: Error) => {
      throw new CodedError('ARQUIVO_ILEGIVEL', `${arquivo}: não consegui ler (${e.message})`, { exitCode: 2 });
    });
  }
  const input = deArquivo ? createReadStream(arquivo) : process.stdin;
  let numero = 0;
  for await (const linha of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    numero += 1;
    if (linha.trim() !== '') yield leJson(linha, `linha ${numero}`);
  }
}
