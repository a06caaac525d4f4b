import { anosDe, type EstadoCliente, type Portador, publicoDe } from '#domain/cliente.ts';
import { anoDe } from '#domain/tempo.ts';
import type { ClienteAtendido } from '#platform/codec-types.ts';

/** A client's year that became atendido, or ceased to be. */
export type MudancaDeStatus = Omit<ClienteAtendido, 'particao' | 'posicao'>;

/** The key of a status in `clientes-atendidos`. */
export const chaveDoStatus = ({ cliente, ano }: MudancaDeStatus): string => `${cliente}|${ano}`;

const anosDas = (entregas: readonly Portador[]): Set<string> => new Set(entregas.map((e) => anoDe(e.time)));

/**
 * The years that turned as the deliveries went from `antes` to `depois`, as they are in `estado`; none for the states of
 * those not identified, who are no client.
 */
export function mudancasDeStatus(
  titular: string,
  antes: readonly Portador[],
  depois: readonly Portador[],
  estado: EstadoCliente,
): MudancaDeStatus[] {
  if (publicoDe(titular) === 'nao-identificado') return [];
  const [havia, ha] = [anosDas(antes), anosDas(depois)];
  const virados = [...havia, ...ha].filter((ano) => havia.has(ano) !== ha.has(ano));
  if (virados.length === 0) return [];
  const anos = anosDe(estado);
  return virados.map((ano) => {
    const { atendido = false, atendimentos = 0, primeiro = null, ultimo = null } = anos[ano] ?? {};
    return { cliente: titular, ano: Number(ano), atendido, atendimentos, primeiro, ultimo };
  });
}
