import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from './decode.ts';
import { batchOf, PackedSlice } from './encode.ts';

const MIB = 1024 * 1024;

/** A slice of so many bytes, and a little more. */
function sliceOf(bytes: number, content = 'x'): PackedSlice {
  const slice = new PackedSlice('t', 0);
  // In two records: memory grows on the way.
  for (const part of [bytes >> 1, bytes >> 1]) slice.add({ topic: 't', key: null, value: Buffer.alloc(part, content) });
  return slice;
}

const memoryOf = (slice: PackedSlice): ArrayBufferLike => slice.written.buffer;

/** The memory of so many slices that are there at once, released in the end. */
function memories(count: number, bytes: number): Set<ArrayBufferLike> {
  const slices = Array.from({ length: count }, () => sliceOf(bytes));
  const found = new Set(slices.map(memoryOf));
  for (const slice of slices) slice.release();
  return found;
}

describe('the memory of slices', () => {
  it('is of one slice at a time: those that are there at once each hold what they were given', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 2, maxLength: 8 });
    const check = (all: readonly number[], last: readonly number[]) => {
      const kept = all.map((size, n) => [size, `${n % 10}`, sliceOf(size, `${n % 10}`)] as const);
      for (const [, , slice] of kept.splice(0, kept.length >> 1)) {
        slice.release();
        slice.release();
      }
      const others = last.map((size, n) => [size, `${(n + 5) % 10}`, sliceOf(size, `${(n + 5) % 10}`)] as const);
      for (const [size, content, slice] of [...kept, ...others]) {
        const read = piecesOf(batchOf(slice, null), null, 0).pieces.flatMap((piece) => piece.records());
        const part = Buffer.alloc(size >> 1, content);
        expect(read.map(({ value }) => value?.equals(part))).toEqual([true, true]);
        slice.release();
      }
    };
    fc.assert(fc.property(sizes, sizes, check), { numRuns: 30 });
  });

  it('serves the next ones that are as large, also where it grew on the way', () => {
    const before = memories(6, MIB);
    const after = memories(6, MIB);
    expect([...after].filter((memory) => before.has(memory))).toHaveLength(6);
  });

  it('is kept up to a limit, and given back beyond it', () => {
    const before = memories(40, 2 * MIB);
    const after = memories(40, 2 * MIB);
    const kept = [...after].filter((memory) => before.has(memory));
    expect(kept.length).toBeLessThan(9);
  });
});
