/** What all keys of presences look like, for SCAN. */
export const PADRAO_DAS_PRESENCAS = 'co*:{p*}:*';

/** What the keys of an apuração's presences begin with; then comes the partition of `presencas`. */
export function inicioDasPresencas(apuracao: number): string {
  return apuracao === 0 ? 'co' : `co.${apuracao}`;
}

/** The apuração whose presences a key holds. */
export function apuracaoDasPresencas(chave: string): number {
  return Number(/^co\.(\d+):/.exec(chave)?.[1] ?? 0);
}
