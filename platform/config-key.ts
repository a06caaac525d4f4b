import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from './config-home.ts';
import { CodedError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const MIN_LENGTH = 16;

function existing(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CodedError('CHAVE_ILEGIVEL', `não foi possível ler a chave em ${file}`, { cause: error });
  }
}

function make(home: string, file: string): string {
  mkdirSync(home, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    // Two commands may make it at once: the first one's key stays, or clients would get two pseudonyms.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return existing(file) ?? '';
}

/** The secret kept in `file` of the data folder, made on first use (32 random bytes as base64url, mode 0600). */
export function keptSecret(home: string, name: string): string {
  const file = join(home, name);
  return existing(file) ?? make(home, file);
}

/**
 * The key that turns a CPF into a client id: `CLIENT_ID_KEY`, else `$ATENDIDO_HOME/client-id.key`, made on first use
 * (32 random bytes as base64url, mode 0600). The text itself, as UTF-8, is the HMAC key.
 * @throws CodedError CHAVE_OBRIGATORIA in production mode without the variable; CHAVE_INVALIDA for one under 16 characters.
 */
export function resolveClientIdKey(env: Env = process.env): string {
  const given = env.CLIENT_ID_KEY?.trim();
  if (!given && env.ATENDIDO_MODO === 'producao') {
    throw new CodedError(
      'CHAVE_OBRIGATORIA',
      'CLIENT_ID_KEY é obrigatória em modo de produção (ATENDIDO_MODO=producao)',
    );
  }
  const home = homeOf(env);
  const file = join(home, 'client-id.key');
  const key = given || keptSecret(home, 'client-id.key');
  if (key.length < MIN_LENGTH) {
    const origin = given ? 'CLIENT_ID_KEY' : file;
    throw new CodedError('CHAVE_INVALIDA', `a chave em ${origin} precisa de ao menos ${MIN_LENGTH} caracteres`);
  }
  return key;
}
