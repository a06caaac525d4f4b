import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '#platform/errors.ts';
import { naoGravado } from '../exportacao/saida.ts';

/** @throws CodedError ARQUIVO_NAO_GRAVADO where `trabalho` fails on the file system */
export async function gravando<T>(arquivo: string, trabalho: () => Promise<T>): Promise<T> {
  try {
    return await trabalho();
  } catch (e) {
    if (e instanceof CodedError || !(e instanceof Error && 'syscall' in e)) throw e;
    return naoGravado(arquivo, e);
  }
}

const ehPasta = async (caminho: string): Promise<boolean> =>
  (await stat(caminho).catch(() => null))?.isDirectory() === true;

/**
 * Makes a folder, and those that it stands in. Not by `recursive`, which tries for ever where a folder that exists takes
 * none and says ENOENT, as /proc does.
 */
export async function criaPasta(pasta: string): Promise<void> {
  if (await ehPasta(pasta)) return;
  const acima = dirname(pasta);
  if (acima !== pasta) await criaPasta(acima);
  await mkdir(pasta).catch(async (e: unknown) => {
    // Somebody else has made it meanwhile.
    if (!(await ehPasta(pasta))) throw e;
  });
}

/** Puts a file in its place once it is whole and on the disk: whoever is killed leaves the old one. */
export async function poe(parcial: string, definitivo: string): Promise<void> {
  const aberto = await open(parcial, 'r+');
  await aberto.sync();
  await aberto.close();
  await rename(parcial, definitivo);
}

/** Writes a small file whole, or leaves the old one. @throws CodedError ARQUIVO_NAO_GRAVADO */
export async function gravaInteiro(arquivo: string, texto: string): Promise<void> {
  const parcial = `${arquivo}.parcial`;
  await gravando(arquivo, async () => {
    const aberto = await open(parcial, 'w');
    await aberto.writeFile(texto);
    await aberto.close();
    await poe(parcial, arquivo);
  });
}
