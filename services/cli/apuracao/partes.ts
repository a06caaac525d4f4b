import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { Producer } from '#platform/kafka/port.ts';
import type { Conexoes } from '../conexoes.ts';
import { partesDaReconstrucao } from '../reconstrucao/partes.ts';
import type { PartesDaAplicacao } from './em-curso.ts';

/** What an application works with; its producer is to be closed. */
export async function partesDaAplicacao(conexoes: Conexoes): Promise<PartesDaAplicacao & { producer: Producer }> {
  const { registry, apuracoes, seguidas, portfolio, interacoes, quarentenas } = conexoes;
  const [contabilizadas, gravadas] = await Promise.all([
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'apuracoes'),
  ]);
  const partes = { ...conexoes, gravadas, ...(await partesDaReconstrucao(conexoes)) };
  const classificadas = new ClassificadaEncoder(interacoes, contabilizadas);
  const { lotes } = partes;
  const { esquecimentos } = seguidas;
  return {
    ...partes,
    classifier: { apuracoes, esquecimentos, portfolio, interacoes, classificadas, lotes, quarentenas },
  };
}
