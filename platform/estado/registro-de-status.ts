import { chaveDoStatus, type MudancaDeStatus } from '#domain/status.ts';
import type { Codec } from '../codec.ts';
import type { ClienteAtendido } from '../codec-types.ts';
import type { OutputRecord } from '../kafka/port.ts';

/**
 * The record of `clientes-atendidos` that tells of a status. Told before the state is served: twice after a crash is
 * harmless in a compacted topic, never would not be.
 * @param onde the partition of `lancamentos`, and the offset up to which the status holds
 */
export function registroDeStatus(
  codec: Pick<Codec<ClienteAtendido>, 'encode'>,
  mudanca: MudancaDeStatus,
  onde: { particao: number; posicao: number },
): OutputRecord {
  return { topic: 'clientes-atendidos', key: chaveDoStatus(mudanca), value: codec.encode({ ...mudanca, ...onde }) };
}
