import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { causaDe } from '#platform/causa.ts';
import { CodedError } from '#platform/errors.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const PEDACO = 262_144;

/** A file to import, as it was when it was opened. */
export interface Arquivo {
  caminho: string;
  /** SHA-256 of its bytes, in hexadecimal: all of it is read for it. @throws CodedError ARQUIVO_ILEGIVEL */
  digest(progresso: (lidos: number, total: number) => void): Promise<string>;
  /** Bytes on disk. */
  tamanho: number;
  comprimido: boolean;
  /** The bytes, opened where it is compressed, from this one on. @throws CodedError ARQUIVO_ILEGIVEL */
  le(desde: number): AsyncIterable<Buffer>;
  /** Bytes of the disk that the last reading has come to. */
  lidos(): number;
  /** @throws CodedError ARQUIVO_MUDOU it is not what it was when it was opened */
  confere(): Promise<void>;
}

function ilegivel(caminho: string) {
  return (e: Error): never => {
    if (e instanceof CodedError) throw e;
    throw new CodedError('ARQUIVO_ILEGIVEL', `${caminho}: não consegui ler (${causaDe(e)})`, { exitCode: 2, cause: e });
  };
}

async function magica(caminho: string): Promise<Buffer> {
  const arquivo = await open(caminho);
  try {
    const { buffer, bytesRead } = await arquivo.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await arquivo.close();
  }
}

async function digestDe(caminho: string, progresso: (lidos: number) => void): Promise<string> {
  const hash = createHash('sha256');
  let lidos = 0;
  for await (const pedaco of createReadStream(caminho, { highWaterMark: PEDACO }) as AsyncIterable<Buffer>) {
    hash.update(pedaco);
    lidos += pedaco.length;
    progresso(lidos);
  }
  return hash.digest('hex');
}

/** Opened as it is read; the first bytes are passed over, since it can only be opened from its beginning. */
async function* descomprimido(doDisco: Readable, desde: number): AsyncGenerator<Buffer> {
  const aberto = createGunzip();
  // What fails in one of them ends the reading of the other, which is where it is met.
  pipeline(doDisco, aberto, () => undefined);
  let restam = desde;
  for await (const pedaco of aberto as AsyncIterable<Buffer>) {
    const pulados = Math.min(restam, pedaco.length);
    restam -= pulados;
    if (pulados < pedaco.length) yield pedaco.subarray(pulados);
  }
}

/** Opens a file. @throws CodedError ARQUIVO_ILEGIVEL */
export async function abreArquivo(caminho: string): Promise<Arquivo> {
  const antes = await stat(caminho).catch(ilegivel(caminho));
  if (!antes.isFile()) ilegivel(caminho)(new Error('não é um arquivo'));
  const comprimido = (await magica(caminho).catch(ilegivel(caminho))).equals(GZIP);
  let contados: () => number = () => 0;
  return {
    caminho,
    digest: (progresso) => digestDe(caminho, (n) => progresso(n, antes.size)).catch(ilegivel(caminho)),
    tamanho: antes.size,
    comprimido,
    lidos: () => contados(),
    async *le(desde) {
      const doDisco = createReadStream(caminho, { start: comprimido ? 0 : desde, highWaterMark: PEDACO });
      contados = () => doDisco.bytesRead + (comprimido ? 0 : desde);
      try {
        yield* comprimido ? descomprimido(doDisco, desde) : (doDisco as AsyncIterable<Buffer>);
      } catch (e) {
        ilegivel(caminho)(e as Error);
      } finally {
        doDisco.destroy();
      }
    },
    async confere() {
      const depois = await stat(caminho).catch(ilegivel(caminho));
      if (depois.size === antes.size && depois.mtimeMs === antes.mtimeMs) return;
      throw new CodedError('ARQUIVO_MUDOU', `${caminho} mudou enquanto era importado: importe-o de novo`);
    },
  };
}
