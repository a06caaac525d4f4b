/** What people put between the groups of a CPF: punctuation, blanks, and what is not seen at all. */
const ENTRE = String.raw`[\p{Pd}\p{Cf}−./_\s]{0,3}`;
/** Eleven digits in the form of a CPF: a pattern for a RegExp with the flag `u`. */
export const FORMA_DE_CPF = [3, 3, 3, 2].map((n) => String.raw`\p{Nd}{${n}}`).join(ENTRE);
/**
 * One made by the standard, as its version and variant say: whatever digits stand in it are chance, of one in eighty the
 * form of a CPF. A number that was only written like one has neither.
 */
export const FORMA_DE_UUID =
  '(?<![0-9a-zA-Z])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}(?![0-9a-zA-Z])';
/** With the digits behind: of a number that begins with zeros they are the CPF's. */
const FORMA = new RegExp(String.raw`(${FORMA_DE_UUID})|${FORMA_DE_CPF}\p{Nd}*`, 'gu');

/**
 * The text with whatever has the form of a CPF hidden, check digits right or wrong, inside longer numbers too. A UUID
 * stays: an event must be found by its id.
 */
export function ocultaCpf(texto: string): string {
  return texto.replace(FORMA, (_, uuid?: string) => uuid ?? '***');
}
