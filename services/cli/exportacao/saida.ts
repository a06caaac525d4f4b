import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { CodedError } from '#platform/errors.ts';

const SO_O_DONO = 0o600;

async function emStdout(texto: string): Promise<void> {
  if (!process.stdout.write(texto)) await once(process.stdout, 'drain');
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
  const naoGravado = (e: Error): never => {
    throw new CodedError('ARQUIVO_NAO_GRAVADO', `${arquivo}: não consegui gravar (${e.message})`, { cause: e });
  };
  const aberto = await open(parcial, 'wx', SO_O_DONO).catch(naoGravado);
  try {
    const feito = await trabalho(async (texto) => {
      await aberto.writeFile(texto).catch(naoGravado);
    });
    await aberto.close();
    await rename(parcial, arquivo).catch(naoGravado);
    return feito;
  } catch (error) {
    await aberto.close();
    await rm(parcial, { force: true });
    throw error;
  }
}
