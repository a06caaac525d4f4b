import { anosDe, type EstadoCliente, entregas, publicoDe } from '#domain/cliente.ts';
import { anoDe } from '#domain/tempo.ts';
import type { ClienteAtendido } from '#platform/codec-types.ts';

/** A client's year that became atendido, or ceased to be. */
export type MudancaDeStatus = Omit<ClienteAtendido, 'particao' | 'posicao'>;

/** The key of a status in `clientes-atendidos`. */
export const chaveDoStatus = ({ cliente, ano }: MudancaDeStatus): string => `${cliente}|${ano}`;

/** The years in which a delivery stands. */
export function anosAtendidos(estado: EstadoCliente): Set<string> {
  return new Set(entregas(estado).map((e) => anoDe(e.time)));
}

/** What changed since `antes`; nothing for the states of those not identified, who are no client. */
export function mudancasDeStatus(
  titular: string,
  antes: ReadonlySet<string>,
  estado: EstadoCliente,
): MudancaDeStatus[] {
  if (publicoDe(titular) === 'nao-identificado') return [];
  const depois = anosAtendidos(estado);
  const virados = [...antes, ...depois].filter((ano) => antes.has(ano) !== depois.has(ano));
  if (virados.length === 0) return [];
  const anos = anosDe(estado);
  return virados.map((ano) => {
    const { atendido = false, atendimentos = 0, primeiro = null, ultimo = null } = anos[ano] ?? {};
    return { cliente: titular, ano: Number(ano), atendido, atendimentos, primeiro, ultimo };
  });
}
