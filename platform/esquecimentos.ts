import type { Esquecimento } from '#domain/esquecimento.ts';
import type { Codec } from './codec.ts';
import type { EsquecimentoGravado } from './codec-types.ts';
import type { OutputRecord } from './kafka/port.ts';

export const TOPICO_DOS_ESQUECIMENTOS = 'esquecimentos';

/** The record that says where an order stands. */
export function registroDoEsquecimento(
  codec: Pick<Codec<EsquecimentoGravado>, 'encode'>,
  { limites, ...resto }: Esquecimento,
): OutputRecord {
  const value = codec.encode({ ...resto, ...limites });
  return { topic: TOPICO_DOS_ESQUECIMENTOS, key: String(resto.numero), value };
}

export function esquecimentoDe({ interacoes, presencas, ...resto }: EsquecimentoGravado): Esquecimento {
  return { ...resto, limites: { interacoes, presencas } };
}
