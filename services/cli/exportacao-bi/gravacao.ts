import { open, rename } from 'node:fs/promises';
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
