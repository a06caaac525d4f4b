/** A clause as a decision names it, in words: `3.3` by its chapter's type, `RG-8` by its place among the general rules. */
export function clausulaPorExtenso(regra: string | null): string {
  if (regra === null) return 'nenhuma';
  const geral = /^RG-(\d+)$/.exec(regra)?.[1];
  return geral === undefined ? `cláusula ${regra} das Diretrizes` : `${geral}ª regra geral das Diretrizes (${regra})`;
}
