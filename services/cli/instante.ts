import { InvalidArgumentError } from 'commander';
import { inicioDoDia } from '#domain/tempo.ts';

const INSTANTE = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads a calendar day in America/Sao_Paulo, from its first instant, or an instant with its offset: milliseconds since
 * the epoch.
 * @throws InvalidArgumentError it is neither
 */
export function instanteDe(texto: string): number {
  const dia = texto.slice(0, '2026-01-01'.length);
  // The 30th of February parses as the 2nd of March.
  const diaExiste = new Date(`${dia}T00:00:00Z`).toJSON()?.startsWith(dia) === true;
  const instante = INSTANTE.test(texto) && diaExiste ? Date.parse(texto) : Number.NaN;
  if (Number.isNaN(instante)) {
    throw new InvalidArgumentError('use um dia (2026-01-01) ou um instante com fuso (2026-01-01T00:00:00-03:00)');
  }
  return texto === dia ? inicioDoDia(dia) : instante;
}
