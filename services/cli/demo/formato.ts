/** Numbers as they are written in Brazil. */
export function numero(n: number): string {
  return n.toLocaleString('pt-BR', { maximumFractionDigits: 0 });
}

/** Seconds, or milliseconds where there are few. @param ms milliseconds */
export function duracao(ms: number): string {
  if (ms < 1_000) return `${numero(ms)} ms`;
  return `${(ms / 1_000).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} s`;
}
