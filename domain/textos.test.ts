import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Textos } from './textos.ts';

const texto = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-ascii' }),
  fc.constantFrom('', 'ação', '日本', 'a'.repeat(65_535), 'a'.repeat(65_536), 'b'.repeat(900_000)),
);

it('texts of any kind are kept as they are, told from each other, and more than one piece of memory of them', () => {
  fc.assert(
    fc.property(fc.array(texto, { maxLength: 40 }), (todos) => {
      const textos = new Textos();
      const onde = todos.map((um) => textos.guarda(um));
      const cheio = 'x'.repeat(60_000);
      for (let n = 0; n < 20; n += 1) textos.guarda(cheio);
      const depois = todos.map((um) => textos.guarda(um));
      for (const [n, um] of todos.entries()) {
        for (const [m, outro] of todos.entries()) {
          expect(textos.eh(onde[n] ?? 0, outro)).toBe(um === outro);
          expect(textos.iguais(onde[n] ?? 0, depois[m] ?? 0)).toBe(um === outro);
        }
        expect(textos.le(depois[n] ?? 0) === um).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

it('an empty one at the end of a piece of memory is found too', () => {
  const textos = new Textos();
  const meio = 'x'.repeat(32_766);
  // With its two bytes of length each, 32 of them fill a piece but for two bytes.
  for (let n = 0; n < 31; n += 1) textos.guarda(meio);
  textos.guarda('x'.repeat(32_764));
  const onde = textos.guarda('');
  expect(textos.le(onde)).toBe('');
  expect(textos.eh(onde, '')).toBe(true);
});
