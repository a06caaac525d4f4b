import { codecFor } from '#platform/codec.ts';
import type { Conexoes } from '../conexoes.ts';

/** What a rebuild works with; its producer is to be closed. */
export async function partesDaReconstrucao(conexoes: Conexoes) {
  const { kafka, registry } = conexoes;
  const [lotes, clientesAtendidos, producer] = await Promise.all([
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'clientes-atendidos'),
    kafka.producer(),
  ]);
  return { ...conexoes, lotes, clientesAtendidos, producer, topico: 'lancamentos' };
}
