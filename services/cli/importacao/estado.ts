import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { homeOf } from '#platform/config-home.ts';
import { CodedError } from '#platform/errors.ts';
import { lockHolder, takeLock } from '../../../infra/local/lock.ts';
import { naoGravado } from '../exportacao/saida.ts';

const estado = z.object({
  /** Of the file's bytes. */
  digest: z.string(),
  source: z.string(),
  /** Of the map's text and of the format: another map makes other events. */
  leitura: z.string(),
  arquivo: z.string(),
  inicio: z.string(),
  /** Where the next record begins; all before it is kept by Kafka or in the report. */
  posicao: z.object({ byte: z.number(), linha: z.number() }),
  relatorio: z.object({ caminho: z.string(), bytes: z.number() }),
  aceitas: z.number(),
  /** By code. */
  recusadas: z.record(z.string(), z.number()),
  /** When it came to the end; null: it has not yet. */
  fim: z.string().nullable(),
});

/** How far an import has come. It holds nothing of what the file says. */
export type Estado = z.infer<typeof estado>;

const SO_O_DONO = 0o600;

function jsonDe(texto: string): unknown {
  try {
    return JSON.parse(texto);
  } catch {
    return null;
  }
}

/** The state of the import of one file by one source: one process at a time has it. */
export class GuardaDoEstado {
  readonly #arquivo: string;
  readonly #posse: string;

  private constructor(arquivo: string) {
    [this.#arquivo, this.#posse] = [`${arquivo}.json`, `${arquivo}.dono`];
  }

  /** @throws CodedError IMPORTACAO_EM_CURSO another living process imports the same file */
  static async abre(digest: string, source: string): Promise<GuardaDoEstado> {
    const pasta = join(homeOf(), 'importacoes');
    await mkdir(pasta, { recursive: true });
    const nome = createHash('sha256').update(`${digest} ${source}`).digest('hex').slice(0, 32);
    const guarda = new GuardaDoEstado(join(pasta, nome));
    guarda.#ocupa();
    return guarda;
  }

  #ocupa(): void {
    if (takeLock(this.#posse) !== null) return;
    const outro = lockHolder(this.#posse);
    throw new CodedError('IMPORTACAO_EM_CURSO', `o processo ${outro?.pid ?? '?'} já importa este arquivo`);
  }

  /** What was kept; null: this file was never imported by this source. */
  async le(): Promise<Estado | null> {
    const texto = await readFile(this.#arquivo, 'utf8').catch(() => null);
    return texto === null ? null : (estado.safeParse(jsonDe(texto)).data ?? null);
  }

  /** Replaces it in one step: a reader never meets half of it. */
  async grava(atual: Estado): Promise<void> {
    const rascunho = `${this.#arquivo}.novo`;
    await writeFile(rascunho, JSON.stringify(atual), { mode: SO_O_DONO });
    await rename(rascunho, this.#arquivo);
  }

  async solta(): Promise<void> {
    await rm(this.#posse, { force: true });
  }
}

/**
 * A name for the report of refused lines that no file has: `FILE.recusados.csv`, else `FILE.recusados-2.csv`… A report
 * that is being corrected is never written over.
 */
export function nomeDoRelatorio(arquivo: string, extensao: string): string {
  const base = arquivo.replace(/\.gz$/i, '').replace(/(\.recusados(-\d+)?)?\.(csv|tsv|txt|ndjson|jsonl)$/i, '');
  for (let n = 1; ; n += 1) {
    const nome = `${base}.recusados${n === 1 ? '' : `-${n}`}.${extensao}`;
    if (tomaNome(nome)) return resolve(nome);
  }
}

/** Makes an empty file, where there is none. @returns whether there was none: the name is then the caller's alone */
export function tomaNome(nome: string): boolean {
  try {
    closeSync(openSync(nome, 'wx', SO_O_DONO));
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return naoGravado(nome, e);
  }
}
