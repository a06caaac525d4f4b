/** What people put between the groups of a CPF: punctuation, blanks, and what is not seen at all. */
const ENTRE = String.raw`[\p{Pd}\p{Cf}−./_\s]{0,3}`;
/** Eleven digits in the form of a CPF: a pattern for a RegExp with the flag `u`. */
export const FORMA_DE_CPF = [3, 3, 3, 2].map((n) => String.raw`\p{Nd}{${n}}`).join(ENTRE);
const FORMA = new RegExp(FORMA_DE_CPF, 'gu');

/** The text with whatever has the form of a CPF hidden, check digits right or wrong, inside longer numbers too. */
export function ocultaCpf(texto: string): string {
  return texto.replace(FORMA, '***');
}
