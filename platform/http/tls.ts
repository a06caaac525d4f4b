import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config.ts';
import { CodedError } from '../errors.ts';

/** PEM. */
export interface Tls {
  cert: Buffer;
  key: Buffer;
}

function le(arquivo: string): Buffer {
  try {
    return readFileSync(arquivo);
  } catch (error) {
    throw new CodedError('TLS_INVALIDO', `não foi possível ler ${arquivo}`, { cause: error });
  }
}

/**
 * The certificate (its chain after it) and the key that a server answers HTTPS with; null: HTTP.
 * @throws CodedError TLS_INVALIDO a file cannot be read, is no PEM, or the two do not belong together
 */
export function leTls(arquivos: Config['tls']): Tls | null {
  if (arquivos === null) return null;
  const tls = { cert: le(arquivos.cert), key: le(arquivos.key) };
  try {
    createSecureContext(tls);
  } catch (error) {
    const detalhe = `${arquivos.cert} e ${arquivos.key} não servem: ${(error as Error).message}`;
    throw new CodedError('TLS_INVALIDO', detalhe, { cause: error });
  }
  return tls;
}
