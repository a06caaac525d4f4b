import { MOTIVOS_DO_PORTFOLIO } from '#domain/decisao.ts';
import type { ResolucaoDeQuarentena } from '../codec-types.ts';
import { cabeDeVolta, intocada } from './reenvio.ts';
import type { EmQuarentena } from './registros.ts';

/** The bounds of a replay that nobody asked for; docs/quarantine.md tells them. */
export const LIMITES = {
  /** Received longer ago than this, it waits for a person. */
  idadeMs: 90 * 86_400_000,
  /** A record that has been classified so often in vain waits for a person. */
  tentativas: 5,
  /** As many wait in memory at the same time: the others are read as these leave. */
  esperando: 50_000,
};

/**
 * What was done about a record longer ago is nothing to who puts records back by themselves: the record was received before
 * that, and is too old. A day more, for clocks that differ.
 */
export const VALIDADE_DAS_RESOLUCOES_MS = LIMITES.idadeMs + 86_400_000;

/** Whether a record comes back by itself once the portfolio has what it names, as of `agora` (ms). */
export function voltaSozinha(um: EmQuarentena, feito: ResolucaoDeQuarentena | undefined, agora: number): boolean {
  const { motivo, tentativa, recebidaEm } = um.registro;
  return (
    intocada(feito) &&
    MOTIVOS_DO_PORTFOLIO.has(motivo) &&
    tentativa < LIMITES.tentativas &&
    recebidaEm > agora - LIMITES.idadeMs &&
    cabeDeVolta(um, null)
  );
}
