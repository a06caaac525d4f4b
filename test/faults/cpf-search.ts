import { randomInt } from 'node:crypto';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pontuado } from './cpf-forms.ts';

/** A CPF found where none may be: which one, named by where it was sent. */
export interface Found {
  where: string;
  cpf: string;
}

const SEPARATOR = '(?:[^0-9A-Za-z]|%[0-9A-Fa-f]{2}){0,3}';
const CHUNK = 1 << 20;
/** More than any form of a CPF takes, so that none is cut in two by the end of a piece. */
const OVERLAP = 256;
const ZEROS = Buffer.alloc(CHUNK);

function checkDigit(digits: string): number {
  const sum = [...digits].reduce((total, d, n) => total + Number(d) * (digits.length + 1 - n), 0);
  return ((sum * 10) % 11) % 10;
}

function complete(nine: string): string {
  const ten = nine + checkDigit(nine);
  return ten + checkDigit(ten);
}

/** The characters that stand for a text wherever it begins within base64. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from('x'.repeat(before) + text).toString('base64');
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6)];
    return whole.slice(from, to);
  });
}

/**
 * CPFs that begin with the same six digits, so that a search need only look for those; each knows where it was sent.
 * Finds them bare, punctuated in any way, percent-encoded, in base64, in hex, as lists of bytes, and in UTF-16.
 */
export class CpfSearch {
  readonly #prefix = String(randomInt(100_000, 1_000_000));
  readonly #sent = new Map<string, string>();
  readonly #inClear = new RegExp(`${this.#prefix.slice(0, 3)}${SEPARATOR}${this.#prefix.slice(3)}`, 'g');
  readonly #encoded = this.#encodedForms();

  /** A valid CPF that was not given before. */
  next(sentIn: string): string {
    const cpf = complete(this.#prefix + String(this.#sent.size).padStart(3, '0'));
    this.#sent.set(cpf, sentIn);
    return cpf;
  }

  /** One whose last digit is wrong: as good as a CPF to whoever reads it. */
  wrong(sentIn: string): string {
    const cpf = complete(this.#prefix + String(this.#sent.size).padStart(3, '0'));
    const other = cpf.slice(0, -1) + ((Number(cpf.at(-1)) + 1) % 10);
    this.#sent.set(other, sentIn);
    return other;
  }

  nameOf(cpf: string): string {
    return this.#sent.get(cpf) ?? '';
  }

  get sent(): number {
    return this.#sent.size;
  }

  #encodedForms(): { form: string; decode: (around: string) => string[] }[] {
    const texts = [this.#prefix, pontuado(this.#prefix)];
    const base64 = (s: string) => [0, 1, 2, 3].map((n) => Buffer.from(s.slice(n), 'base64').toString('latin1'));
    const hex = (s: string) => [0, 1].map((n) => Buffer.from(s.slice(n), 'hex').toString('latin1'));
    const bytes = (s: string) => [String.fromCharCode(...(s.match(/\d+/g) ?? []).map((d) => Number(d) & 0xff))];
    const utf16 = (s: string) => [s.replaceAll('\0', '')];
    return texts.flatMap((text) => [
      ...inBase64(text).map((form) => ({ form, decode: base64 })),
      { form: Buffer.from(text).toString('hex'), decode: hex },
      { form: Buffer.from(text).toString('hex').toUpperCase(), decode: hex },
      { form: [...Buffer.from(text)].join(','), decode: bytes },
      { form: [...Buffer.from(text)].join(', '), decode: bytes },
      { form: [...text].join('\0'), decode: utf16 },
    ]);
  }

  #inText(text: string): string[] {
    return [...text.matchAll(this.#inClear)].flatMap(({ index }) => {
      const digits = text
        .slice(index, index + 40)
        .replace(/%[0-9A-Fa-f]{2}/g, '')
        .replace(/\D/g, '')
        .slice(0, 11);
      const name = this.#sent.get(digits);
      return name === undefined ? [] : [name];
    });
  }

  #inEncoded(bytes: Buffer): string[] {
    const found: string[] = [];
    for (const { form, decode } of this.#encoded) {
      for (let at = bytes.indexOf(form, 0, 'latin1'); at !== -1; at = bytes.indexOf(form, at + 1, 'latin1')) {
        // Of base64 the first group of four may begin up to three characters before.
        const around = bytes.toString('latin1', Math.max(0, at - 3), at + OVERLAP / 2);
        found.push(...decode(around).flatMap((text) => this.#inText(text)));
      }
    }
    return found;
  }

  /** @param where how the place is called in what is found */
  inBytes(where: string, content: Buffer | string | null): Found[] {
    if (content === null) return [];
    const bytes = Buffer.from(content);
    const names = new Set([...this.#inText(bytes.toString('latin1')), ...this.#inEncoded(bytes)]);
    return [...names].map((cpf) => ({ where, cpf }));
  }

  /** Looks through a file, or a part of one; holes and zeros cost nothing. */
  async inHandle(where: string, file: FileHandle, from: number, to: number): Promise<Found[]> {
    const found: Found[] = [];
    const buffer = Buffer.alloc(CHUNK);
    for (let at = from; at < to; at += CHUNK - OVERLAP) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, to - at), at);
      const read = buffer.subarray(0, bytesRead);
      if (!read.equals(ZEROS.subarray(0, bytesRead))) found.push(...this.inBytes(where, read));
      if (bytesRead < CHUNK) break;
    }
    return found;
  }

  /** Every file of a folder, and of those in it; links are not followed. */
  async inFolder(folder: string): Promise<Found[]> {
    const found: Found[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      found.push(...this.inBytes(`the name of ${path}`, entry.name));
      if (!entry.isFile()) continue;
      // A segment of a log that was deleted since is no longer there to hold anything.
      const file = await open(path, 'r').catch(() => null);
      if (file === null) continue;
      try {
        found.push(...(await this.inHandle(path, file, 0, (await file.stat()).size)));
      } finally {
        await file.close();
      }
    }
    return found;
  }
}
