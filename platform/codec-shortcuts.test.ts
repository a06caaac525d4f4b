import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodeType } from './codec-shortcuts.ts';
// Whoever has types has them with our strings.
import './codec-types.ts';

const TYPES = { text: avro.Type.forSchema('string'), code: new CodeType() };
const kinds = Object.keys(TYPES) as (keyof typeof TYPES)[];

/** Avro by its book: how many bytes, as a zigzag varint, then UTF-8. */
function byTheBook(text: string): Buffer {
  const bytes = Buffer.from(text);
  const long = bytes.length >= 64;
  return Buffer.concat([
    Buffer.from(long ? [(bytes.length & 63) * 2 + 128, bytes.length >> 6] : [bytes.length * 2]),
    bytes,
  ]);
}

const texts = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\0', '-'), maxLength: 90 });

describe.each(kinds)('strings of %s', (kind) => {
  const type = TYPES[kind];

  it('are written as Avro says, and read as they were written, again and again', () => {
    const check = (text: string) => {
      expect(type.toBuffer(text)).toEqual(byTheBook(text));
      for (const bytes of [byTheBook(text), byTheBook(text)]) expect(type.fromBuffer(bytes)).toBe(text);
    };
    fc.assert(fc.property(texts, check), { numRuns: 500 });
    for (const length of [0, 1, 20, 21, 22, 62, 63, 64, 65, 200]) for (const c of 'aé€') check(c.repeat(length));
  });

  it('are written up to the very end of a buffer, and not past it', () => {
    for (const text of ['', 'abc', 'éé', 'a'.repeat(63), '€'.repeat(21)]) {
      const whole = byTheBook(text);
      const exact = Buffer.alloc(whole.length);
      expect(type.encode(text, exact)).toBe(whole.length);
      expect(exact).toEqual(whole);
      expect(type.encode(text, Buffer.alloc(whole.length - 1))).toBe(-1);
    }
  });

  it('are read from whatever bytes come, as Node reads them', () => {
    const some = fc.uint8Array({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(some, (array) => {
        const bytes = Buffer.concat([Buffer.of(2 * array.length), array]);
        for (let n = 0; n < 3; n++) expect(type.fromBuffer(bytes)).toBe(Buffer.from(array).toString());
      }),
      { numRuns: 500 },
    );
  });

  it('are refused cut off, or of a length below zero', () => {
    expect(() => type.fromBuffer(Buffer.of(6, 97, 98))).toThrow('truncated');
    expect(() => type.fromBuffer(Buffer.of())).toThrow('truncated');
    expect(() => type.fromBuffer(Buffer.of(1, 97))).toThrow();
    expect(() => type.toBuffer(7)).toThrow('invalid "string"');
  });
});

it('does not take bytes for the characters of the same numbers, read before', () => {
  // One letter and two: some of them are looked for where the other is kept.
  const letters = Array.from({ length: 128 }, (_, n) => String.fromCharCode(128 + n));
  for (const text of letters.flatMap((a) => [a, ...letters.map((b) => a + b)])) {
    const bytes = Buffer.from(text, 'latin1');
    TYPES.code.fromBuffer(byTheBook(text));
    expect(TYPES.code.fromBuffer(Buffer.concat([Buffer.of(2 * bytes.length), bytes]))).toBe(bytes.toString());
  }
});

it('reads each code as itself, whatever came before at its place', () => {
  const codes = Array.from({ length: 20_000 }, (_, n) => `código-${n}`.slice(n % 2));
  for (const all of [codes, codes.toReversed()]) {
    for (const code of all) expect(TYPES.code.fromBuffer(byTheBook(code))).toBe(code);
  }
});

describe('fields that may be absent', () => {
  const union = (...types: ('null' | 'string' | 'int')[]) => avro.Type.forSchema(types, { wrapUnions: 'never' });
  const read = (type: avro.Type, ...bytes: number[]) => type.fromBuffer(Buffer.from(bytes));

  it('are read as null where null is said, which not every union says by the same number', () => {
    expect([read(union('null', 'int'), 0), read(union('null', 'int'), 2, 6)]).toEqual([null, 3]);
    expect([read(union('int', 'null'), 0, 6), read(union('int', 'null'), 2)]).toEqual([3, null]);
    expect([read(union('string', 'int', 'null'), 0, 2, 97), read(union('string', 'int', 'null'), 4)]).toEqual([
      'a',
      null,
    ]);
    // Zero, in two bytes: nobody writes it so, and it is Avro.
    expect(read(union('null', 'int'), 0x80, 0)).toBeNull();
  });

  it('are refused cut off, with something behind, or of no branch there is', () => {
    expect(() => read(union('null', 'int'))).toThrow();
    expect(() => read(union('null', 'int'), 0, 0)).toThrow('trailing');
    expect(() => read(union('null', 'int'), 4)).toThrow('union');
  });
});
