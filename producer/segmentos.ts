import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from '#platform/config-pid.ts';
import { CodedError } from '#platform/errors.ts';
import type { CloudEvent } from './evento.ts';

const SUFIXO = '.reserva';
const MAIOR_SEGMENTO = 256 * 1024;
const IV = 12;
const SELO = 16;

/** One event, encrypted and sealed (AES-256-GCM): it may hold a CPF. Ends in the newline that says it is whole. */
function cifra(chave: Buffer, evento: CloudEvent): Buffer {
  const iv = randomBytes(IV);
  const cifrador = createCipheriv('aes-256-gcm', chave, iv);
  const texto = Buffer.concat([cifrador.update(JSON.stringify(evento), 'utf8'), cifrador.final()]);
  return Buffer.from(`${Buffer.concat([iv, cifrador.getAuthTag(), texto]).toString('base64')}\n`);
}

function decifra(chave: Buffer, linha: string, caminho: string): CloudEvent {
  const bytes = Buffer.from(linha, 'base64');
  try {
    const decifrador = createDecipheriv('aes-256-gcm', chave, bytes.subarray(0, IV), { authTagLength: SELO });
    decifrador.setAuthTag(bytes.subarray(IV, IV + SELO));
    const texto = Buffer.concat([decifrador.update(bytes.subarray(IV + SELO)), decifrador.final()]);
    return JSON.parse(texto.toString('utf8'));
  } catch (cause) {
    throw new CodedError('RESERVA_ILEGIVEL', `${caminho} não se lê com este segredo, ou foi alterado`, { cause });
  }
}

async function sincronizaPasta(pasta: string): Promise<void> {
  const descritor = await open(pasta, 'r');
  await descritor.sync().finally(() => descritor.close());
}

/** One process a folder: another's segment, still being written, would be sent and deleted under it. */
async function ocupa(pasta: string): Promise<void> {
  const dono = join(pasta, 'dono');
  const pid = Number(await readFile(dono, 'utf8').catch(() => '0'));
  if (pid > 0 && pid !== process.pid && startOf(pid) !== null) {
    throw new CodedError('RESERVA_EM_USO', `${pasta} é do processo ${pid}; dê a cada processo uma pasta`);
  }
  await writeFile(dono, String(process.pid), { mode: 0o600 });
}

/**
 * Events on disk, oldest first: append-only files of up to some 256 KiB, each deleted once all of it was delivered.
 * What `guarda` resolved for is on disk (fsync); what a crash left half written was never acknowledged, and is ignored.
 */
export class Segmentos {
  readonly #pasta: string;
  readonly #chave: Buffer;
  readonly #tamanhos: Map<string, number>;
  #proximo: number;
  #aberto: { nome: string; arquivo: FileHandle } | null = null;
  #vez: Promise<unknown> = Promise.resolve();

  private constructor(pasta: string, chave: Buffer, tamanhos: Map<string, number>) {
    this.#pasta = pasta;
    this.#chave = chave;
    this.#tamanhos = tamanhos;
    this.#proximo = Math.max(0, ...[...tamanhos.keys()].map((nome) => Number.parseInt(nome, 10))) + 1;
  }

  /** @throws CodedError RESERVA_EM_USO another living process has the folder; RESERVA_ILEGIVEL the secret is another */
  static async abre(pasta: string, segredo: string): Promise<Segmentos> {
    await mkdir(pasta, { recursive: true, mode: 0o700 });
    await ocupa(pasta);
    const tamanhos = new Map<string, number>();
    for (const nome of (await readdir(pasta)).filter((n) => n.endsWith(SUFIXO)).sort()) {
      tamanhos.set(nome, (await stat(join(pasta, nome))).size);
    }
    const segmentos = new Segmentos(pasta, scryptSync(segredo, 'atendido-reserva', 32), tamanhos);
    await segmentos.primeiro();
    return segmentos;
  }

  get vazio(): boolean {
    return this.#tamanhos.size === 0;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return [...this.#tamanhos.values()].reduce((soma, n) => soma + n, 0);
  }

  /** Keeps the first events that fit in so many bytes on disk, and says how many they were. */
  async guarda(eventos: readonly CloudEvent[], maximoBytes: number): Promise<number> {
    const linhas: Buffer[] = [];
    let bytes = this.bytes;
    for (const evento of eventos) {
      const linha = cifra(this.#chave, evento);
      bytes += linha.length;
      if (bytes > maximoBytes) break;
      linhas.push(linha);
    }
    if (linhas.length > 0) await this.#porVez(() => this.#escreve(Buffer.concat(linhas)));
    return linhas.length;
  }

  /** A segment taken for delivery while it is written to would be deleted with what came last. */
  #porVez<T>(faz: () => Promise<T>): Promise<T> {
    const feito = this.#vez.then(faz);
    this.#vez = feito.catch(() => undefined);
    return feito;
  }

  async #escreve(bytes: Buffer): Promise<void> {
    const { nome, arquivo } = this.#aberto ?? (await this.#novo());
    try {
      await arquivo.appendFile(bytes);
      await arquivo.datasync();
    } catch (erro) {
      // Half a line may be there: nothing may follow it.
      await this.#fechaAberto();
      throw erro;
    }
    const tamanho = (this.#tamanhos.get(nome) ?? 0) + bytes.length;
    this.#tamanhos.set(nome, tamanho);
    if (tamanho >= MAIOR_SEGMENTO && this.#aberto?.nome === nome) await this.#fechaAberto();
  }

  async #novo(): Promise<{ nome: string; arquivo: FileHandle }> {
    const nome = String(this.#proximo).padStart(12, '0') + SUFIXO;
    this.#proximo += 1;
    this.#aberto = { nome, arquivo: await open(join(this.#pasta, nome), 'ax', 0o600) };
    this.#tamanhos.set(nome, 0);
    await sincronizaPasta(this.#pasta);
    return this.#aberto;
  }

  /** The oldest segment and its events; nothing more is written to it. Null: there is none. */
  primeiro(): Promise<{ nome: string; eventos: CloudEvent[] } | null> {
    return this.#porVez(() => this.#lePrimeiro());
  }

  async #lePrimeiro(): Promise<{ nome: string; eventos: CloudEvent[] } | null> {
    const nome = this.#tamanhos.keys().next().value;
    if (nome === undefined) return null;
    if (this.#aberto?.nome === nome) await this.#fechaAberto();
    const caminho = join(this.#pasta, nome);
    const linhas = (await readFile(caminho, 'latin1')).split('\n').slice(0, -1);
    return { nome, eventos: linhas.map((linha) => decifra(this.#chave, linha, caminho)) };
  }

  /** Deletes a segment all of which was delivered. */
  async descarta(nome: string): Promise<void> {
    await rm(join(this.#pasta, nome));
    this.#tamanhos.delete(nome);
  }

  fecha(): Promise<void> {
    return this.#porVez(() => this.#fechaAberto());
  }

  async #fechaAberto(): Promise<void> {
    const aberto = this.#aberto;
    this.#aberto = null;
    await aberto?.arquivo.close();
  }
}
