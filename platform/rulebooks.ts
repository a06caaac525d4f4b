import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { textoDosErros } from '#domain/evento.ts';
import { conflitos, parseRulebook, type Rulebook, Rulebooks } from '#domain/rulebook.ts';
import { CodedError } from './errors.ts';

/** The versions that ship with the project. */
export const PASTA_DE_RULEBOOKS = join(import.meta.dirname, '..', 'rulebook');

function leYaml(texto: string, arquivo: string): { dados: unknown } | { erro: string } {
  try {
    return { dados: parse(texto) };
  } catch (e) {
    if (!(e instanceof YAMLParseError)) throw e;
    return { erro: `${arquivo}: não é YAML: ${e.message}` };
  }
}

/** One version, or every error in it, each with its path. */
function le(texto: string, nome: string): { rulebook: Rulebook } | { erros: string[] } {
  const yaml = leYaml(texto, nome);
  if ('erro' in yaml) return { erros: [yaml.erro] };
  const lido = parseRulebook(yaml.dados);
  if ('rulebook' in lido) return lido;
  return { erros: lido.erros.map((e) => `${nome}: ${textoDosErros([e])}`) };
}

const invalido = (erros: readonly string[]): CodedError =>
  new CodedError('RULEBOOK_INVALIDO', erros.join('\n'), { exitCode: 2 });

/** One version, from the text of its file. @throws CodedError RULEBOOK_INVALIDO */
export function leRulebook(texto: string, nome: string): Rulebook {
  const lido = le(texto, nome);
  if ('erros' in lido) throw invalido(lido.erros);
  return lido.rulebook;
}

/**
 * Loads and validates rulebook versions whole.
 * @param caminhos YAML files
 * @throws CodedError RULEBOOK_INVALIDO with every error of every file, each with its path
 */
export async function loadRulebookFiles(caminhos: readonly string[]): Promise<Rulebooks> {
  const versoes: Rulebook[] = [];
  const erros: string[] = [];
  for (const caminho of caminhos) {
    const lido = le(await readFile(caminho, 'utf8'), basename(caminho));
    if ('rulebook' in lido) versoes.push(lido.rulebook);
    else erros.push(...lido.erros);
  }
  erros.push(...conflitos(versoes));
  if (erros.length === 0 && versoes.length === 0) erros.push('nenhum arquivo de rulebook foi encontrado');
  if (erros.length > 0) throw invalido(erros);
  return new Rulebooks(versoes);
}

/** Loads every version in a folder, the project's own by default. */
export async function loadRulebooks(pasta: string = PASTA_DE_RULEBOOKS): Promise<Rulebooks> {
  const nomes = (await readdir(pasta)).filter((n) => n.endsWith('.yaml')).sort();
  return loadRulebookFiles(nomes.map((n) => join(pasta, n)));
}
