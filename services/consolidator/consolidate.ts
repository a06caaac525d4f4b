import { checkInTardio, consolida } from '#domain/consolidacao.ts';
import { type Esquecimentos, interacaoSem, semDono } from '#domain/esquecimento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import type { ContextoDaConsolidacao } from '#domain/participacao.ts';
import {
  donoDaParticipacao,
  type EstadoDaOferta,
  type Participacao,
  participantesTocados,
  semParticipantes,
} from '#domain/presenca.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { InputRecord, OutputRecord } from '#platform/kafka/port.ts';
import type { BatchTrace } from '#platform/tracing/batch.ts';
import { headersOf, traceparentsOf, tracing } from '#platform/tracing/tracing.ts';
import type { Touched } from './store.ts';

/** One record of `presencas` that could be read, and concerns an offer. */
export interface Presence {
  interacao: Interacao;
  disponibilizacaoId: string;
  registradaEm: number;
  /** Whose trace it came in; undefined: in none. */
  traceparent: string | undefined;
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
      const [traceparent] = traceparentsOf(record);
      return [{ interacao: interacaoSem(visto), disponibilizacaoId, registradaEm, traceparent, esquecidos }];
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

/** What follows from a presence, and the traces it is carried on in: that of what moved it first. */
export interface Derived {
  interacao: Interacao;
  traces: readonly string[];
}

/** The most that are kept of a participant: a course may have a check-in a day. */
const MOST_KEPT = 16;

/** Keeps in which trace a check-in came, so that the participation that follows from it, days later, goes on in it. */
function keepTrace({ rastros = [] }: Participacao, carried: string | undefined): string[] {
  return carried === undefined || rastros.includes(carried) ? rastros : [...rastros, carried].slice(-MOST_KEPT);
}

/** The participant whose revision a derived record is, by its id: offer, name, revision. */
function participantOf(
  { participacoes }: EstadoDaOferta,
  offerId: string,
  { id }: Interacao,
): Participacao | undefined {
  return participacoes.get(donoDaParticipacao(id.slice(offerId.length + 1).split('/', 1)[0] ?? ''));
}

/**
 * Folds a batch into its offers, in the order of the log.
 * @param offers changed in place
 * @param by.trace of the batch; none: its records came in none
 * @param by.late told of each check-in that comes too late to change anything
 * @returns what follows, to be sent to `interacoes`
 */
export function consolidate(
  presences: readonly Presence[],
  offers: ReadonlyMap<string, EstadoDaOferta>,
  by: Pick<ContextoDaConsolidacao, 'rulebooks' | 'portfolio' | 'apuracao'> & {
    trace?: BatchTrace | null;
    late?: () => void;
  },
): Derived[] {
  return presences.flatMap(({ interacao, disponibilizacaoId, registradaEm, traceparent, esquecidos }) => {
    const offer = offers.get(disponibilizacaoId);
    if (offer === undefined) throw new Error(`a oferta ${disponibilizacaoId} não foi carregada`);
    semParticipantes(offer, esquecidos);
    const ctx = { ...by, registradaEm };
    if (by.late !== undefined && checkInTardio(offer, interacao, ctx)) by.late();
    const derived = consolida(offer, interacao, ctx);
    const carried = traceparent === undefined ? undefined : by.trace?.carriedOn(traceparent);
    const { cliente, tipoInteracao } = interacao;
    const present =
      tipoInteracao === 'check-in' ? offer.participacoes.get(cliente?.pf ?? cliente?.pj?.id ?? '') : undefined;
    if (present !== undefined && carried !== undefined) present.rastros = keepTrace(present, carried);
    if (tracing() === null) return derived.map((one) => ({ interacao: one, traces: [] }));
    return derived.map((one) => {
      const before = participantOf(offer, disponibilizacaoId, one)?.rastros ?? [];
      return { interacao: one, traces: [...new Set(carried === undefined ? before : [carried, ...before])] };
    });
  });
}

export function outputsOf(derived: readonly Derived[], codec: Codec<Interacao>): OutputRecord[] {
  return derived.map(({ interacao: i, traces }) => {
    const record = { topic: 'interacoes', key: chaveDeParticao(i), value: codec.encode(i) };
    return traces.length === 0 ? record : { ...record, headers: headersOf(traces) };
  });
}
