import { PSEUDONIMO_PF, pjValida } from '#domain/documento.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

function textoSemCpf(texto: string, campo: string): string {
  // A CNPJ is public, and of a pseudonym any character may be a digit.
  if (PSEUDONIMO_PF.test(texto) || pjValida(texto)) return texto;
  return campo === 'pf' ? '***' : ocultaCpf(texto);
}

/** Without absent fields, and without any CPF that a producer past the door may have put somewhere. */
export function semCpf<T>(valor: T, campo?: string): T;
export function semCpf(valor: unknown, campo = ''): unknown {
  if (typeof valor === 'string') return textoSemCpf(valor, campo);
  if (Array.isArray(valor)) return valor.map((v) => semCpf(v, campo));
  if (typeof valor !== 'object' || valor === null) return valor;
  const presentes = Object.entries(valor).filter(([, v]) => v !== null);
  return Object.fromEntries(presentes.map(([k, v]) => [k, semCpf(v, k)]));
}

/** Bytes in base64, a CPF in them hidden like anywhere else: what cannot be read may be plain JSON. */
export function base64SemCpf(bytes: Buffer): string {
  return Buffer.from(ocultaCpf(bytes.toString('latin1')), 'latin1').toString('base64');
}
