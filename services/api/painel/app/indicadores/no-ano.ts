import type { RespostaDeIndicador } from '../../../indicadores.ts';
import { diaDoCalendario, numero, porcento } from '../nucleo/formato.ts';

/** Where there is nothing to hold a number against. */
export const SEM_BASE = 'sem base de comparação';

/** By what part a number is another than it was. */
export function contra(agora: number, antes: number): string {
  return antes === 0 ? SEM_BASE : porcento(agora / antes - 1);
}

/** Clients from the first day of the year to this one; of a state that kept no days, what there is to do about it. */
export function notaDosClientes({ ateODia, anterior }: Pick<RespostaDeIndicador, 'ateODia' | 'anterior'>): string {
  const antes = anterior?.ateODia;
  if (antes === undefined || ateODia === undefined) return '';
  if (ateODia.clientes === null) return 'desconhecido até que se refaça o estado (atendido rebuild)';
  if (anterior?.clientes === 0) return SEM_BASE;
  const ate = `${numero(antes.clientes)} até ${diaDoCalendario(antes.dia)}`;
  return `${ate} (${antes.clientes === null ? SEM_BASE : contra(ateODia.clientes, antes.clientes)})`;
}
