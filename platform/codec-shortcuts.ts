import avro from 'avsc';

/** What avsc reads from and writes to; its types leave it out. */
interface Tap {
  buf: Buffer & {
    /** Of a Buffer; who uses avsc beside us may have it write into a bare Uint8Array. */
    utf8Write?: (text: string, at: number, most: number) => number;
  };
  pos: number;
  readString(): string;
}

interface Text {
  _read(tap: Tap): string;
  _write(tap: Tap, text: unknown): void;
}

/** A length under this many bytes takes one itself. */
const SHORT = 64;
/** No UTF-16 unit takes more bytes. */
const MOST_PER_UNIT = 3;

/**
 * avsc counts the bytes of a string before it writes them, which of a short one costs more than writing it: here it is
 * written where it belongs, which says how many bytes it has.
 */
export function writeShortStringsAtOnce(): void {
  const text = avro.types.StringType.prototype as unknown as Text;
  const { _write: write } = text;
  text._write = function (tap, value) {
    const { buf, pos } = tap;
    if (typeof value === 'string' && value.length < SHORT) {
      const most = MOST_PER_UNIT * value.length;
      if (pos + 1 + most <= buf.length && buf.utf8Write !== undefined) {
        const bytes = buf.utf8Write(value, pos + 1, most);
        if (bytes < SHORT) {
          buf[pos] = bytes << 1;
          tap.pos = pos + 1 + bytes;
          return;
        }
      }
    }
    write.call(this, tap, value);
  };
}

/** As many as there are codes, and some. */
const KEPT = 4_096;
const kept: string[] = new Array(KEPT).fill('');

/** Where a string is kept, by some of its bytes. */
function placeOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at += 3) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  hash = (Math.imul(hash, 31) + (bytes[to - 1] ?? 0)) | 0;
  return (hash ^ (hash >>> 12)) & (KEPT - 1);
}

function isThat(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let n = 0; n < text.length; n++) if (text.charCodeAt(n) !== bytes[from + n]) return false;
  return true;
}

/**
 * A string that comes again and again, read as the same object: it costs half, and less wherever it is looked up. One
 * that is not all ASCII is read anew each time: its bytes are not its characters.
 */
export class CodeType extends avro.types.StringType {
  _read(tap: Tap): string {
    const { buf, pos } = tap;
    const length = buf[pos] ?? 1;
    const [from, to] = [pos + 1, pos + 1 + (length >> 1)];
    // Odd: less than zero, or its length takes more than a byte.
    if ((length & 1) !== 0 || length >= 2 * SHORT || to > buf.length) return tap.readString();
    const place = placeOf(buf, from, to);
    const known = kept[place] ?? '';
    if (isThat(known, buf, from, to)) {
      tap.pos = to;
      return known;
    }
    const text = tap.readString();
    if (text.length === to - from) kept[place] = text;
    return text;
  }
}

interface Union {
  types: readonly { _read(tap: Tap): unknown }[];
  _read(tap: Tap): unknown;
}

/** Most fields that may be absent are: of a union whose first branch is null, a zero says so. */
export function readNullsAtOnce(): void {
  const union = avro.types.UnwrappedUnionType.prototype as unknown as Union;
  const nothing = (avro.types.NullType.prototype as unknown as { _read: unknown })._read;
  const { _read: read } = union;
  union._read = function (tap) {
    const first = this.types[0];
    if (tap.buf[tap.pos] === 0 && first !== undefined && first._read === nothing) {
      tap.pos += 1;
      return null;
    }
    return read.call(this, tap);
  };
}
