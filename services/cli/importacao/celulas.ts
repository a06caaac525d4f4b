const SIM = new Set(['sim', 's', 'verdadeiro', 'v', 'true', '1']);
const NAO = new Set(['nao', 'n', 'falso', 'f', 'false', '0']);
const ACENTOS = /\p{M}/gu;

/** A word without accents and capitals, as people write the same answer in several ways. */
export function semAcento(texto: string): string {
  return texto.normalize('NFD').replace(ACENTOS, '').toLowerCase();
}

/** `sim`, `Não`, `VERDADEIRO`, `0`…; null: neither. */
export function leBooleano(texto: string): boolean | null {
  const palavra = semAcento(texto.trim());
  if (SIM.has(palavra)) return true;
  return NAO.has(palavra) ? false : null;
}

export type Decimal = ',' | '.';

const NUMEROS: Readonly<Record<Decimal, RegExp>> = {
  ',': /^-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/,
  '.': /^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/,
};

/**
 * A number as it is written with this decimal separator, the other one between thousands: `1.234,56`. Nothing is
 * guessed: `1234.56` is none where the comma is the separator. `75%` is 0.75. null: it is none.
 */
export function leNumero(texto: string, decimal: Decimal): number | null {
  const limpo = texto.trim();
  const porCento = limpo.endsWith('%');
  const escrito = porCento ? limpo.slice(0, -1).trim() : limpo;
  if (!NUMEROS[decimal].test(escrito)) return null;
  const digitos = decimal === ',' ? escrito.replaceAll('.', '').replace(',', '.') : escrito.replaceAll(',', '');
  // By the digits as written: 7 / 100 * 100 is not 7 in every case, and a small number is printed with an exponent.
  const n = Number(porCento ? `${digitos}e-2` : digitos);
  return Number.isFinite(n) ? n : null;
}

/** The digits of a document that a spreadsheet took for a number, with the zeros it dropped; else as it is. */
export function completaZeros(texto: string, casas: number): string {
  return /^\d+$/.test(texto) ? texto.padStart(casas, '0') : texto;
}
