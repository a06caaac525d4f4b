import { expect, test } from 'vitest';
import { Digital } from './digital.ts';
import { TabelaDeDigitais } from './tabela-de-digitais.ts';

const digital = new Digital();
const digitalDe = (a: string, b: string): string => {
  const { alta, baixa } = digital.dosNomes(a, b);
  return `${alta} ${baixa}`;
};

test('a fingerprint is of both names, and of where the one ends', () => {
  expect(digitalDe('crm', '1')).toBe(digitalDe('crm', '1'));
  const diferentes = [digitalDe('crm', '1'), digitalDe('crm1', ''), digitalDe('', 'crm1'), digitalDe('cr', 'm1')];
  expect(new Set([...diferentes, digitalDe('1', 'crm'), digitalDe('crm', '1 '), digitalDe('Ǎrm', '1')]).size).toBe(7);
});

test.each([
  ['padded', (n: number) => ({ source: `lms-${n % 27}`, id: `evento-${String(n).padStart(9, '0')}` })],
  ['plain', (n: number) => ({ source: 'crm', id: String(n) })],
])('of names in a row, %s, none are alike, and each half is as good as drawn by lot', (_, nomes) => {
  const [todas, altas, baixas] = [new Set<string>(), new Set<number>(), new Set<number>()];
  const N = 200_000;
  for (let n = 0; n < N; n += 1) {
    const { alta, baixa } = digital.do(nomes(n));
    todas.add(`${alta} ${baixa}`);
    altas.add(alta);
    baixas.add(baixa);
  }
  expect(todas.size).toBe(N);
  // By lot some five of a half would be alike.
  expect(Math.min(altas.size, baixas.size)).toBeGreaterThan(N - 30);
});

test('a table knows each fingerprint from when it came first, also that of nothing and while it grows', () => {
  const tabela = new TabelaDeDigitais();
  const N = 150_000;
  // Halves in common, as many as there can be.
  const metades = (n: number): [number, number] => [Math.imul(Math.floor(n / 3), 0x9e3779b1) >>> 0, 2 * (n % 3)];
  for (let n = 0; n < N; n += 1) expect(tabela.nova(...metades(n))).toBe(true);
  for (let n = 0; n < N; n += 997) expect(tabela.nova(...metades(n))).toBe(false);
  expect(tabela.nova(7, 4_000_000_000)).toBe(true);
  expect(tabela.nova(7, 4_000_000_000)).toBe(false);
});

test('a pair has the same digits whatever was asked before it, and whoever is asked', () => {
  const [um, outro] = [new Digital(), new Digital()];
  const digitos = (de: Digital, source: string, id: string) => {
    const { alta, baixa } = de.do({ source, id });
    return [alta, baixa];
  };
  const primeiros = digitos(um, 'crm', '1');
  expect(digitos(outro, 'crm', '1')).toEqual(primeiros);
  expect(digitos(um, 'lms', '1')).not.toEqual(primeiros);
  expect(digitos(um, 'crm', '2')).not.toEqual(primeiros);
  um.dosNomes('crm', '3');
  expect(digitos(um, 'crm', '1')).toEqual(primeiros);
  expect(digitos(um, 'crm', '1')).toEqual(primeiros);
});
