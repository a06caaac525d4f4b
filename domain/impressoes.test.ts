import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Impressoes } from './impressoes.ts';

// Few different bytes, so that one fingerprint is often found across two others.
const impressao = fc.array(fc.constantFrom('a', 'b', '\u00ff'), { minLength: 8, maxLength: 8 }).map((b) => b.join(''));

// As many as it takes for an index.
const MUITAS = Array.from({ length: 4_100 }, (_, n) => `n${String(n).padStart(7, '0')}`);

test.each([
  ['in place', [], 300],
  ['by its index', MUITAS, 3],
])('is the set of what was added, %s, and comes back from what is stored', (_como, antes, numRuns) => {
  const igual = fc.property(fc.array(impressao), fc.array(impressao), (postas, outras) => {
    const [conjunto, esperado] = [Impressoes.de([...antes, ...postas]), new Set([...antes, ...postas])];
    expect([...conjunto]).toEqual([...esperado]);
    expect(conjunto.size).toBe(esperado.size);
    const lido = new Impressoes(conjunto.juntas());
    for (const uma of [...outras, ...postas]) {
      expect([conjunto.has(uma), lido.has(uma)]).toEqual([esperado.has(uma), esperado.has(uma)]);
    }
  });
  fc.assert(igual, { numRuns });
});

test('one that begins inside another is not there', () => {
  const conjunto = Impressoes.de(['aaaabbbb', 'ccccdddd']);
  expect(conjunto.has('bbbbcccc')).toBe(false);
  expect(new Impressoes('abababab').has('babababa')).toBe(false);
});
