export { instante } from '#domain/tempo.ts';

/** Numbers as they are written in Brazil. */
export function numero(n: number): string {
  return n.toLocaleString('pt-BR', { maximumFractionDigits: 0 });
}

/** So many of something, in the singular where it is one. */
export const quantos = (n: number, um: string, varios: string): string => `${numero(n)} ${n === 1 ? um : varios}`;

/** Seconds, or milliseconds where there are few. @param ms milliseconds */
export function duracao(ms: number): string {
  if (ms < 1_000) return `${numero(ms)} ms`;
  return `${(ms / 1_000).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} s`;
}

const DIFERENCAS_NO_MAXIMO = 20;

/**
 * A list of differences, the first ones; where there are none, that.
 * @param lados what each difference is compared by: a label and a value, of both sides
 */
export function linhasDasDiferencas<D extends { onde: string; chave: string }>(
  diferencas: readonly D[],
  lados: (diferenca: D) => [rotulo: string, valor: unknown][],
): string[] {
  if (diferencas.length === 0) return ['Nenhuma diferença.'];
  const mostradas = diferencas.slice(0, DIFERENCAS_NO_MAXIMO);
  const resto = diferencas.length - mostradas.length;
  return [
    `${numero(diferencas.length)} DIFERENÇAS:`,
    ...mostradas.flatMap((d) => [
      `  ${d.onde} ${d.chave}`,
      ...lados(d).map(([rotulo, valor]) => `    ${rotulo} ${JSON.stringify(valor)}`),
    ]),
    ...(resto > 0 ? [`  … e mais ${numero(resto)} (--json)`] : []),
  ];
}
