import type { EstadoCliente } from '#domain/cliente.ts';
import { EstadosEmBytes, type EstadosGravados } from '#platform/estado/estados-em-bytes.ts';

/** States as a run hands them to be written. */
export function gravados(estados: Iterable<readonly [titular: string, EstadoCliente]>): EstadosGravados {
  const emBytes = new EstadosEmBytes(new Map());
  for (const [titular, estado] of estados) emBytes.guarda(titular, estado);
  return emBytes.termina();
}
