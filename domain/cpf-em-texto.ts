import { cnpjValido, cpfValido, PSEUDONIMO_PF } from './documento.ts';
import type { Interacao } from './interacao.ts';
import { FORMA_DE_CPF, FORMA_DE_UUID } from './oculta-cpf.ts';

/** Eleven digits that are not a part of a longer number. */
const CANDIDATO = String.raw`(?<!\p{Nd})${FORMA_DE_CPF}(?!\p{Nd})`;
/** A CPF kept as a number with more places: as many as a CNPJ, as a GUID, or any. */
const COM_ZEROS = String.raw`(?<!\p{Nd})0{1,21}(\p{Nd}{11})(?!\p{Nd})`;

const MENOR = 11;
/** What every CPF has, asked first: most texts are codes. */
const TALVEZ = /\d{2}|[^\0-\x7f]/;
const ALGUM = new RegExp(`${CANDIDATO}|${COM_ZEROS}`, 'u');
const CANDIDATOS = new RegExp(CANDIDATO, 'gu');
const CANDIDATOS_COM_ZEROS = new RegExp(COM_ZEROS, 'gu');
/**
 * Identifiers made at random or by a hash: whatever digits stand in them are chance. A hash has a letter, but one in three
 * million: digits alone are a number that was filled up.
 */
const ACASO = new RegExp(`${FORMA_DE_UUID}|(?<![0-9a-zA-Z])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{32,}(?![0-9a-zA-Z])`, 'g');

/** The digits alone, of whatever script NFKC turns into ours. */
const digitos = (texto: string): string => texto.normalize('NFKC').replace(/\D/g, '');

/**
 * Whether a text holds a CPF: eleven digits whose check digits hold, punctuated in any usual way or not, alone or among
 * other text, or padded with zeros. One in a hundred numbers of eleven digits is taken for one (docs/privacy.md); a CNPJ,
 * a UUID, a hash or a longer number is not.
 */
export function temCpf(texto: string): boolean {
  if (texto.length < MENOR || !TALVEZ.test(texto) || !ALGUM.test(texto)) return false;
  const buscado = texto.replace(ACASO, 'x');
  for (const [achado] of buscado.matchAll(CANDIDATOS)) if (cpfValido(digitos(achado))) return true;
  for (const [achado, fim = ''] of buscado.matchAll(CANDIDATOS_COM_ZEROS)) {
    if (cpfValido(digitos(fim)) && !cnpjValido(achado)) return true;
  }
  return false;
}

/** Nothing that a record holds is left out, and no path is made before something was found: every record comes by. */
function noObjeto(objeto: object): string | null {
  for (const chave of Object.keys(objeto)) {
    const valor = (objeto as Record<string, unknown>)[chave];
    if (valor === null) continue;
    if (temCpf(chave)) return chave;
    const achado = ondeHaCpf(valor);
    if (achado !== null) return achado === '' ? chave : `${chave}.${achado}`;
  }
  return null;
}

/**
 * The first place of a record that holds a CPF: a text, a number or a name.
 * @returns its path, as in `responsaveis.0.id`; null: none does
 */
export function ondeHaCpf(valor: unknown): string | null {
  if (typeof valor === 'string') return temCpf(valor) && !PSEUDONIMO_PF.test(valor) ? '' : null;
  if (typeof valor === 'number') return Number.isInteger(valor) && temCpf(String(valor)) ? '' : null;
  return typeof valor === 'object' && valor !== null ? noObjeto(valor) : null;
}

const ATRIBUTOS: Readonly<Record<string, string>> = { source: 'source', id: 'id', tipoInteracao: 'type' };

/**
 * The first field of an interaction, as the event names it, that holds a CPF: past the door there is to be none. The
 * client's own has been replaced by then.
 */
export function campoComCpf(interacao: Interacao): string | null {
  const achado = ondeHaCpf(interacao);
  // The first months of 1973 have eleven digits.
  if (achado === 'time') return campoComCpf({ ...interacao, time: 0 });
  return achado === null ? null : (ATRIBUTOS[achado] ?? `data.${achado}`);
}
