import { comecoComum, type Portador, publicoDe } from './cliente.ts';
import { anoDe } from './tempo.ts';

/** A client's year that became atendido, or ceased to be. */
export interface MudancaDeStatus {
  cliente: string;
  ano: number;
  atendido: boolean;
  atendimentos: number;
  /** Milliseconds since the epoch. */
  primeiro: number | null;
  ultimo: number | null;
}

/** The key of a status in `clientes-atendidos`. */
export const chaveDoStatus = ({ cliente, ano }: Pick<MudancaDeStatus, 'cliente' | 'ano'>): string =>
  `${cliente}|${ano}`;

function statusDe(cliente: string, ano: string, entregas: readonly Portador[]): MudancaDeStatus {
  const status: MudancaDeStatus = {
    cliente,
    ano: Number(ano),
    atendido: false,
    atendimentos: 0,
    primeiro: null,
    ultimo: null,
  };
  for (const { time } of entregas) {
    if (anoDe(time) !== ano) continue;
    status.atendido = true;
    status.atendimentos += 1;
    status.primeiro = Math.min(status.primeiro ?? time, time);
    status.ultimo = Math.max(status.ultimo ?? time, time);
  }
  return status;
}

const NENHUM: readonly string[] = [];

/** The years of deliveries in `estas` that have none in `outras`. @param iguais as many as both begin with */
function anosSemAs(estas: readonly Portador[], outras: readonly Portador[], iguais: number): readonly string[] {
  let vistos: readonly string[] = NENHUM;
  // A client has few years: each is looked for in the others once.
  for (let n = iguais; n < estas.length; n += 1) {
    const ano = anoDe((estas[n] as Portador).time);
    if (!vistos.includes(ano)) vistos = vistos.concat(ano);
  }
  return vistos.length === 0 ? NENHUM : vistos.filter((ano) => !outras.some(({ time }) => anoDe(time) === ano));
}

/**
 * The years that turned as the deliveries went from `antes` to `depois`, as they are in `depois`; none for the states of
 * those not identified, who are no client.
 */
export function mudancasDeStatus(
  titular: string,
  antes: readonly Portador[],
  depois: readonly Portador[],
): MudancaDeStatus[] {
  if (publicoDe(titular) === 'nao-identificado') return [];
  const iguais = comecoComum(antes, depois);
  const virados = anosSemAs(depois, antes, iguais).concat(anosSemAs(antes, depois, iguais));
  return virados.map((ano) => statusDe(titular, ano, depois));
}
