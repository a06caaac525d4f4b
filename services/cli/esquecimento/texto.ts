import type { Esquecida } from './esquece.ts';

/** What was done, for whoever asked. */
export function textoDoEsquecimento({ esquecimento, desde }: Esquecida): string {
  if (esquecimento === null) return 'Não há nada desta pessoa: nada foi escrito.';
  return [
    `Esquecida (esquecimento ${esquecimento}). No Redis não há mais nada dela; os totais ficam como estavam.`,
    `O que aconteceu antes de ${desde} e chegar de agora em diante não conta; o que vier depois é de alguém nunca visto.`,
  ].join('\n');
}
