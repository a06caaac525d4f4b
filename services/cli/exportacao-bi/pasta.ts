import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '#platform/errors.ts';
import { takeLock } from '../../../infra/local/lock.ts';
import { criaPasta, gravando } from './gravacao.ts';
import type { FormatoDeArquivo, Manifesto } from './manifesto.ts';
import { TABELAS, type TopicoExportado } from './tabelas.ts';

/** Of what is under way; what is found there at the start is of an export that was killed. */
const EM_CURSO = '.em-curso';
const TRAVA = '.em-uso';

const numerado = (n: number, algarismos: number): string => String(n).padStart(algarismos, '0');

/** The name of a file of records: what it holds of which partition. Names sort as offsets do. */
export function nomeDoArquivo(
  topico: TopicoExportado,
  { particao, de, ate }: { particao: number; de: number; ate: number },
  formato: FormatoDeArquivo,
): string {
  return `${topico}/${numerado(particao, 4)}-${numerado(de, 15)}-${numerado(ate, 15)}.${formato}`;
}

const NOSSO = /^\d{4,}-\d{15,}-\d{15,}\.(parquet|csv)$/;

/** The folder of what is under way. */
export const pastaEmCurso = (pasta: string): string => join(pasta, EM_CURSO);

/**
 * Takes a folder for this process alone, as long as `trabalho` takes.
 * @throws CodedError EXPORTACAO_EM_CURSO another process has it; ARQUIVO_NAO_GRAVADO
 */
export async function comPasta<T>(pasta: string, trabalho: () => Promise<T>): Promise<T> {
  const trava = join(pasta, TRAVA);
  const tomada = await gravando(pasta, async () => {
    await criaPasta(pasta);
    return takeLock(trava);
  });
  if (tomada === null) {
    throw new CodedError('EXPORTACAO_EM_CURSO', `outro processo exporta para ${pasta}: espere que ele termine`);
  }
  try {
    return await trabalho();
  } finally {
    await rm(trava, { force: true });
    await rm(pastaEmCurso(pasta), { recursive: true, force: true });
  }
}

/**
 * Makes the folder what its manifest says: what an export wrote and was killed before it told of is removed, and read
 * again. @throws CodedError ARQUIVO_NAO_GRAVADO
 */
export async function arruma(pasta: string, { arquivos }: Pick<Manifesto, 'arquivos'>): Promise<void> {
  const ditos = new Set(arquivos.map(({ arquivo }) => arquivo));
  await gravando(pasta, async () => {
    await rm(pastaEmCurso(pasta), { recursive: true, force: true });
    await mkdir(pastaEmCurso(pasta));
    for (const { topico } of TABELAS) {
      await mkdir(join(pasta, topico), { recursive: true });
      for (const nome of await readdir(join(pasta, topico))) {
        if (NOSSO.test(nome) && !ditos.has(`${topico}/${nome}`)) await rm(join(pasta, topico, nome));
      }
    }
  });
}
