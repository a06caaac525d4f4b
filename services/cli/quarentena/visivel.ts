import { cpfValido, PSEUDONIMO_PF } from '#domain/documento.ts';

export const numero = (n: number): string => n.toLocaleString('pt-BR');

/** An instant as people in Brasília read it. */
export const instante = (quando: string | number): string =>
  new Date(quando).toLocaleString('pt-BR', { timeZone: 'America/Sao_Paulo' });

const pfEmClaro = (campo: string, valor: string): boolean => campo === 'pf' && !PSEUDONIMO_PF.test(valor);

/** Without absent fields, and without any CPF that a producer past the door may have put somewhere. */
export function semCpf<T>(valor: T, campo?: string): T;
export function semCpf(valor: unknown, campo = ''): unknown {
  if (typeof valor === 'string') return cpfValido(valor) || pfEmClaro(campo, valor) ? '***' : valor;
  if (Array.isArray(valor)) return valor.map((v) => semCpf(v, campo));
  if (typeof valor !== 'object' || valor === null) return valor;
  const presentes = Object.entries(valor).filter(([, v]) => v !== null);
  return Object.fromEntries(presentes.map(([k, v]) => [k, semCpf(v, k)]));
}
