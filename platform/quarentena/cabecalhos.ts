import type { Reenvio } from '../codec-types.ts';

/** On a record put back: the id of the one in quarantine it is a copy of. */
export const QUARENTENA = 'atendido-quarentena';
const TENTATIVA = 'atendido-tentativa';
const POR = 'atendido-reenviada-por';
const EM = 'atendido-reenviada-em';
const CORRIGIDA_POR = 'atendido-corrigida-por';

/**
 * The headers that a record put back carries besides its own: which one in quarantine it is, which attempt, who had it
 * done, when (ISO 8601), and who corrected it.
 */
export function cabecalhosDoReenvio(
  id: string,
  { tentativa, por, em }: Reenvio,
  corrigidaPor: string | null,
): Record<string, string> {
  return {
    [QUARENTENA]: id,
    [TENTATIVA]: String(tentativa),
    [POR]: por,
    [EM]: new Date(em).toISOString(),
    ...(corrigidaPor === null ? {} : { [CORRIGIDA_POR]: corrigidaPor }),
  };
}

/** Which attempt at classifying it a record is: 1, or more where it comes back from quarantine. */
export function tentativaDe(cabecalhos: Readonly<Record<string, Buffer>>): number {
  const escrita = cabecalhos[TENTATIVA]?.toString() ?? '';
  return /^[1-9]\d{0,8}$/.test(escrita) ? Number(escrita) : 1;
}
