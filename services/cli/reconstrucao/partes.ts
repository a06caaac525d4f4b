import { codecFor } from '#platform/codec.ts';
import { terminaEsquecimentos } from '#platform/esquecimento/termina.ts';
import type { Conexoes } from '../conexoes.ts';

/** What a rebuild works with; its producer is to be closed. */
export async function partesDaReconstrucao(conexoes: Conexoes) {
  const { kafka, registry } = conexoes;
  const [lotes, clientesAtendidos, producer] = await Promise.all([
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'clientes-atendidos'),
    kafka.producer(),
  ]);
  const doEncerramento = { ...conexoes, lotes };
  const esquecidos = (espera: () => Promise<void>) => terminaEsquecimentos(doEncerramento, espera);
  return { ...conexoes, lotes, clientesAtendidos, producer, esquecidos, topico: 'lancamentos' };
}
