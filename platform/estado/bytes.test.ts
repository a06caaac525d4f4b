import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Escrita, Leitura } from './bytes.ts';

/** As the form says: the length in bytes, seven bits a byte, then UTF-8. */
function pelaForma(texto: string): Buffer {
  const bytes = Buffer.from(texto);
  const n = bytes.length;
  return Buffer.concat([Buffer.from(n < 128 ? [n] : [(n & 127) | 128, n >> 7]), bytes]);
}

function escrito(escreve: (escrita: Escrita) => void, reserva?: number): Buffer {
  const escrita = new Escrita(reserva);
  escreve(escrita);
  return escrita.termina();
}

test('texts short and long are written as the form says, wherever the memory at hand ends', () => {
  const confere = (texto: string, reserva: number) => {
    const bytes = escrito((escrita) => {
      escrita.texto(texto);
      escrita.texto('fim');
    }, reserva);
    expect(bytes.equals(Buffer.concat([pelaForma(texto), pelaForma('fim')]))).toBe(true);
    const leitura = new Leitura(bytes);
    expect([leitura.texto(), leitura.texto()]).toEqual([texto, 'fim']);
  };
  for (const n of [0, 1, 42, 43, 63, 64, 126, 127, 128, 129, 300]) for (const c of 'aé€') confere(c.repeat(n), n);
  const texto = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\0'), maxLength: 160 });
  fc.assert(fc.property(texto, fc.nat(200), confere), { numRuns: 500 });
});

test('a UUID is its sixteen bytes, and comes back as it was', () => {
  const confere = (uuid: string) => {
    const bytes = escrito((escrita) => {
      escrita.uuid(uuid);
      escrita.byte(7);
    }, 0);
    expect(bytes.toString('hex')).toBe(`${uuid.replaceAll('-', '')}07`);
    const leitura = new Leitura(bytes);
    expect([leitura.uuid(), leitura.byte()]).toEqual([uuid, 7]);
  };
  fc.assert(fc.property(fc.uuid(), confere), { numRuns: 500 });
  confere('01234567-89ab-cdef-0123-456789abcdef');
});

test('a UUID or a text that ends before its end is refused', () => {
  expect(() => new Leitura(Buffer.alloc(15)).uuid()).toThrow('acaba antes do fim');
  expect(() => new Leitura(Buffer.of(3, 97, 98)).texto()).toThrow('acaba antes do fim');
});
