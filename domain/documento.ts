import { createHmac } from 'node:crypto';
import { cnpj, cpf } from 'cpf-cnpj-validator';

/** What a CPF looks like past the door: a pattern for a RegExp, to be found inside of other text. */
export const FORMA_DE_PSEUDONIMO = 'pf:[A-Za-z0-9_-]{22}';
/** The same, and nothing else. */
export const PSEUDONIMO_PF = new RegExp(`^${FORMA_DE_PSEUDONIMO}$`);
const CNPJ_NORMAL = /^[A-Z0-9]{12}\d{2}$/;
/** Valid by its check digits, which is all the rules ask, but on the library's list of too-common numbers. */
const CPF_RECUSADO_PELA_BIBLIOTECA = '12345678909';

/** Punctuation dropped, upper case: `529.982.247-25` → `52998224725`. */
export function normalizaDocumento(documento: string): string {
  return documento.replace(/[.\-/\s]/g, '').toUpperCase();
}

/** Eleven digits (punctuation accepted) whose check digits hold, not all the same. */
export function cpfValido(documento: string): boolean {
  const digitos = normalizaDocumento(documento);
  return digitos === CPF_RECUSADO_PELA_BIBLIOTECA || cpf.isValid(digitos, true);
}

/** Fourteen digits or letters (punctuation accepted) whose check digits hold, not all the same. */
export function cnpjValido(documento: string): boolean {
  const normal = normalizaDocumento(documento);
  return CNPJ_NORMAL.test(normal) && cnpj.isValid(normal, true);
}

const pjsValidas = new Set<string>();
const LIMITE_DE_PJS = 100_000;

/** Whether a client id is `pj:` and a valid CNPJ. A PJ comes again and again: each is checked once. */
export function pjValida(id: string): boolean {
  if (pjsValidas.has(id)) return true;
  if (!(id.startsWith('pj:') && cnpjValido(id.slice(3)))) return false;
  if (pjsValidas.size >= LIMITE_DE_PJS) pjsValidas.clear();
  pjsValidas.add(id);
  return true;
}

/** Turns the digits of a valid CPF into a client id. */
export type Pseudonimizador = (cpf: string) => string;

/**
 * The client id of a CPF: `pf:` + the first 22 base64url characters of HMAC-SHA-256(key, digits). Without the key
 * nobody can go from the id to the CPF by trying all of them.
 * @param chave CLIENT_ID_KEY, as text
 */
export function pseudonimizador(chave: string): Pseudonimizador {
  return (documento) => {
    const digitos = normalizaDocumento(documento);
    return `pf:${createHmac('sha256', chave).update(digitos).digest('base64url').slice(0, 22)}`;
  };
}

/** The client id of a CNPJ, which is public: `pj:` + its 14 characters. */
export function idDaPj(documento: string): string {
  return `pj:${normalizaDocumento(documento)}`;
}

/** The client id of a CPF or of a CNPJ (punctuation accepted); null: it is neither. */
export function idDoDocumento(documento: string, pseudonimo: Pseudonimizador): string | null {
  if (cpfValido(documento)) return pseudonimo(documento);
  return cnpjValido(documento) ? idDaPj(documento) : null;
}
