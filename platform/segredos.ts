import { readFileSync } from 'node:fs';
import type { Unneeded } from './config.ts';
import { CodedError } from './errors.ts';

/** What may be handed over as a file, which is how orchestrators give secrets. */
const SECRETS = [
  'CLIENT_ID_KEY',
  'CLIENT_ID_KEY_ANTERIOR',
  'ATENDIDO_CHAVE_OPERACAO',
  'ATENDIDO_CHAVE_IMPORTACAO',
  'ATENDIDO_CHAVE',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'REDIS_URL',
  'REDIS_USERNAME',
  'REDIS_PASSWORD',
] as const;

const OF_UNNEEDED: Readonly<Record<Unneeded, string>> = { CLIENT_ID_KEY: 'CLIENT_ID_KEY', REDIS_URL: 'REDIS_' };

function contentOf(variable: string, file: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CodedError('SEGREDO_ILEGIVEL', `o arquivo de ${variable} não pode ser lido: ${file}`, { cause });
  }
  if (content === '') throw new CodedError('SEGREDO_ILEGIVEL', `o arquivo de ${variable} está vazio: ${file}`);
  return content;
}

/**
 * Gives `NAME` the content of the file that `NAME_FILE` names, in `env` itself. Once, before anything reads it.
 * @param unneeded what this process does without: its files are not read, for a configuration that all share may name
 * what is mounted for others only
 * @throws CodedError SEGREDO_ILEGIVEL; SEGREDO_REPETIDO where both are given, for one of them is not meant
 */
export function takeSecretsFromFiles(
  env: Record<string, string | undefined> = process.env,
  unneeded: readonly Unneeded[] = [],
): void {
  for (const name of SECRETS) {
    if (unneeded.some((one) => name.startsWith(OF_UNNEEDED[one]))) continue;
    const variable = `${name}_FILE`;
    const file = env[variable];
    if (!file) continue;
    if (env[name]) throw new CodedError('SEGREDO_REPETIDO', `defina ${name} ou ${variable}, não as duas`);
    env[name] = contentOf(variable, file);
    delete env[variable];
  }
}
