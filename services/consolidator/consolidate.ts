import { type ContextoDaConsolidacao, consolida } from '#domain/consolidacao.ts';
import { type Esquecimentos, interacaoSem, semDono } from '#domain/esquecimento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { type EstadoDaOferta, participantesTocados, semParticipantes } from '#domain/presenca.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { InputRecord, OutputRecord } from '#platform/kafka/port.ts';
import type { Touched } from './store.ts';

/** One record of `presencas` that could be read, and concerns an offer. */
export interface Presence {
  interacao: Interacao;
  disponibilizacaoId: string;
  registradaEm: number;
  /** Who was forgotten before it: what the offer knows of them is no more. */
  esquecidos: ReadonlySet<string>;
}

/** Reads what can be read. What cannot be is the classifier's to quarantine: here it moves nothing. */
export function presencesOf(
  records: readonly InputRecord[],
  codec: Codec<Interacao>,
  { partition, esquecimentos }: { partition: number; esquecimentos: Esquecimentos },
): Presence[] {
  return records.flatMap((record) => {
    try {
      const { offset, timestamp: registradaEm } = record;
      const origem = { topic: 'presencas', partition, offset, derivadaPor: null };
      const lida = codec.decodeSync(record.value);
      if (esquecimentos.trocas.superada(origem, lida)) return [];
      const visto = esquecimentos.ve(origem, lida);
      const { disponibilizacaoId } = visto.interacao;
      if (disponibilizacaoId === null || topicoDe(visto.interacao) !== 'presencas' || semDono(visto)) return [];
      const esquecidos = esquecimentos.semPresencas(partition, offset);
      return [{ interacao: interacaoSem(visto), disponibilizacaoId, registradaEm, esquecidos }];
    } catch (error) {
      if (error instanceof PoisonError) return [];
      throw error;
    }
  });
}

/** By offer, the participants that a batch touches. */
export function touchedBy(presences: readonly Presence[]): Map<string, Touched> {
  const touched = new Map<string, Touched>();
  for (const { interacao, disponibilizacaoId } of presences) {
    const before = touched.get(disponibilizacaoId) ?? new Set<string>();
    const names = participantesTocados(interacao);
    const all = before === 'todos' || names === 'todos';
    touched.set(disponibilizacaoId, all ? 'todos' : new Set([...before, ...names]));
  }
  return touched;
}

/**
 * Folds a batch into its offers, in the order of the log.
 * @param offers changed in place
 * @returns what follows, to be sent to `interacoes`
 */
export function consolidate(
  presences: readonly Presence[],
  offers: ReadonlyMap<string, EstadoDaOferta>,
  by: Pick<ContextoDaConsolidacao, 'rulebooks' | 'portfolio' | 'apuracao'>,
): Interacao[] {
  return presences.flatMap(({ interacao, disponibilizacaoId, registradaEm, esquecidos }) => {
    const offer = offers.get(disponibilizacaoId);
    if (offer === undefined) throw new Error(`a oferta ${disponibilizacaoId} não foi carregada`);
    semParticipantes(offer, esquecidos);
    return consolida(offer, interacao, { ...by, registradaEm });
  });
}

export function outputsOf(derived: readonly Interacao[], codec: Codec<Interacao>): OutputRecord[] {
  return derived.map((i) => ({ topic: 'interacoes', key: chaveDeParticao(i), value: codec.encode(i) }));
}
