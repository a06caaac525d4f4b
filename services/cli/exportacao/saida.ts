import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { causaDe } from '#platform/causa.ts';
import { CodedError } from '#platform/errors.ts';

const SO_O_DONO = 0o600;

async function emStdout(texto: string): Promise<void> {
  if (!process.stdout.write(texto)) await once(process.stdout, 'drain');
}

/** @throws CodedError ARQUIVO_NAO_GRAVADO */
export function naoGravado(arquivo: string, e: unknown): never {
  throw new CodedError('ARQUIVO_NAO_GRAVADO', `${arquivo}: não consegui gravar (${causaDe(e)})`, { cause: e });
}

/**
 * Runs `trabalho` with a way to write: to standard output, or to a file that only its owner may read, which has its
 * name once it is whole.
 * @throws CodedError ARQUIVO_NAO_GRAVADO, and what `trabalho` throws
 */
export async function comSaida<T>(
  arquivo: string | undefined,
  trabalho: (escreve: (texto: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  if (arquivo === undefined) return trabalho(emStdout);
  const parcial = `${arquivo}.parcial-${process.pid}`;
  const falhou = (e: unknown): never => naoGravado(arquivo, e);
  const aberto = await open(parcial, 'wx', SO_O_DONO).catch(falhou);
  try {
    const feito = await trabalho(async (texto) => {
      await aberto.writeFile(texto).catch(falhou);
    });
    await aberto.close();
    await rename(parcial, arquivo).catch(falhou);
    return feito;
  } catch (error) {
    await aberto.close();
    await rm(parcial, { force: true });
    throw error;
  }
}
