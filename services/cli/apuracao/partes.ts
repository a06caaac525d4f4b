import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import type { Producer } from '#platform/kafka/port.ts';
import type { Conexoes } from '../conexoes.ts';
import type { PartesDaAplicacao } from './em-curso.ts';

/** What an application works with; its producer is to be closed. */
export async function partesDaAplicacao(conexoes: Conexoes): Promise<PartesDaAplicacao & { producer: Producer }> {
  const { registry, kafka, apuracoes, portfolio, interacoes, quarentenas } = conexoes;
  const [contabilizadas, lotes, clientesAtendidos, gravadas] = await Promise.all([
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'clientes-atendidos'),
    codecFor(registry, 'apuracoes'),
  ]);
  const classificadas = new ClassificadaEncoder(interacoes, contabilizadas);
  const classifier = { apuracoes, portfolio, interacoes, classificadas, lotes, quarentenas };
  const outros = { classifier, lotes, clientesAtendidos, gravadas, topico: 'lancamentos' };
  return { ...conexoes, ...outros, producer: await kafka.producer() };
}
