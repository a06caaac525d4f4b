import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from './config-home.ts';
import { CodedError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

const MIN_LENGTH = 16;
const FILE = 'client-id.key';

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

/** Production: nothing secret is made up, all of it is given. `ATENDIDO_MODO=producao`, or Node's own NODE_ENV. */
export function isProduction(env: Env = process.env): boolean {
  return env.ATENDIDO_MODO === 'producao' || (!env.ATENDIDO_MODO && env.NODE_ENV === 'production');
}

/** The secret kept in `file` of the data folder, made on first use (32 random bytes as base64url, mode 0600). */
export function keptSecret(home: string, name: string): string {
  const file = join(home, name);
  return existing(file) ?? make(home, file);
}

/**
 * The key that turns a CPF into a client id: `CLIENT_ID_KEY`, else `$ATENDIDO_HOME/client-id.key`, made on first use
 * (32 random bytes as base64url, mode 0600). The text itself, as UTF-8, is the HMAC key.
 * @throws CodedError CHAVE_OBRIGATORIA in production mode without the variable; CHAVE_INVALIDA for one kept, or given
 * in production mode, of under 16 characters
 */
export function resolveClientIdKey(env: Env = process.env): string {
  const given = env.CLIENT_ID_KEY?.trim();
  const production = isProduction(env);
  if (!given && production) {
    throw new CodedError(
      'CHAVE_OBRIGATORIA',
      'CLIENT_ID_KEY é obrigatória em modo de produção (ATENDIDO_MODO=producao)',
    );
  }
  // Away from production a short one of the caller's own will do; what we kept was 43 characters, less is a cut file.
  if (given && !production) return given;
  const key = given || keptSecret(homeOf(env), FILE);
  if (key.length < MIN_LENGTH) {
    const origin = given ? 'CLIENT_ID_KEY' : join(homeOf(env), FILE);
    throw new CodedError('CHAVE_INVALIDA', `a chave em ${origin} precisa de ao menos ${MIN_LENGTH} caracteres`);
  }
  return key;
}

/**
 * The keys in a text of CLIENT_ID_KEY_ANTERIOR, the oldest first: one a line where there is more than one line, else
 * between commas. Whether a comma is part of a key only who knows the key can tell.
 */
export function chavesEm(texto: string): string[] {
  const entre = texto.includes('\n') ? '\n' : ',';
  return texto.split(entre).flatMap((uma) => uma.trim() || []);
}

/**
 * The keys before that one, `CLIENT_ID_KEY_ANTERIOR`, as they were given; null: it was never changed, nor is it about to be.
 * @throws CodedError CHAVE_INVALIDA without CLIENT_ID_KEY, one the same as it or as another, or in production of under 16
 * characters
 */
export function resolvePreviousClientIdKey(env: Env = process.env): string | null {
  const previous = env.CLIENT_ID_KEY_ANTERIOR?.trim();
  if (!previous) return null;
  const current = env.CLIENT_ID_KEY?.trim();
  const all = chavesEm(previous);
  if (!current || all.includes(current) || current === previous) {
    const message = 'CLIENT_ID_KEY_ANTERIOR pede que CLIENT_ID_KEY seja dada, e seja outra';
    throw new CodedError('CHAVE_INVALIDA', message);
  }
  // Between commas it may be one key with commas in it: that none is missing or cut short, their fingerprints tell.
  const told = previous.includes('\n') ? all : [previous];
  if (new Set(told).size < told.length) {
    throw new CodedError('CHAVE_INVALIDA', 'CLIENT_ID_KEY_ANTERIOR traz duas vezes a mesma chave');
  }
  if (isProduction(env) && told.some((one) => one.length < MIN_LENGTH)) {
    throw new CodedError('CHAVE_INVALIDA', `CLIENT_ID_KEY_ANTERIOR precisa de ao menos ${MIN_LENGTH} caracteres`);
  }
  return previous;
}
