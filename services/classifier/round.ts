import type { Counter, Histogram } from 'prom-client';
import type { Lancamento } from '#domain/lancamento.ts';
import { nivel } from '#domain/nivel.ts';
import { allOf } from '#platform/all-of.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import type { ConsumerOptions, OutputRecord, Round } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import type { BatchTrace } from '#platform/tracing/batch.ts';
import { endingWith, traceBatch, traceparentsOf } from '#platform/tracing/tracing.ts';
import { type Classified, type Classifier, classify } from './classify.ts';
import { Lots } from './lots.ts';

export interface RoundHandlerOptions {
  classifier: Classifier & { lotes: Codec<LoteDeLancamentos> };
  follower: Pick<PortfolioFollower, 'caughtUp'>;
  paraDecidir: ApuracoesSeguidas['paraDecidir'];
  /** Of `lancamentos`. */
  partitions: number;
  metrics: { records: Counter<'resultado' | 'motivo'>; seconds: Histogram };
}

/** As many records as are classified together: few enough that what they become dies young. */
const AT_ONCE = 250;

/** How often each result and reason came: counted for every record, told once a round. */
class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  add(classified: readonly Classified[]): void {
    for (const c of classified) {
      if (c.kind === 'quarentena') this.#count(c.kind, c.motivo);
      else this.#count(c.decisao.resultado, c.decisao.motivo);
    }
  }

  #count(resultado: string, motivo: string): void {
    const motivos = nivel(this.#counts, resultado);
    motivos.set(motivo, (motivos.get(motivo) ?? 0) + 1);
  }

  tell(records: RoundHandlerOptions['metrics']['records']): void {
    for (const [resultado, motivos] of this.#counts) {
      for (const [motivo, n] of motivos) records.inc({ resultado, motivo }, n);
    }
  }
}

/** The lots of each apuração that a round's records are decided by: nearly always one. */
class LotsByApuracao {
  readonly #lots = new Map<number, Lots>();
  readonly #create: (apuracao: number) => Lots;

  constructor(create: (apuracao: number) => Lots) {
    this.#create = create;
  }

  /** @returns the lots that became full */
  *add(classified: readonly Classified[], trace: BatchTrace | null): Generator<OutputRecord> {
    const traces = trace === null ? NO_TRACES : tracesOf(classified, trace);
    for (const c of classified) {
      if (c.kind !== 'classificada') continue;
      const lots = this.#of(c.apuracao);
      for (const entry of c.lancamentos) {
        const full = lots.add(entry, traces.get(entry));
        if (full !== null) yield full;
      }
    }
  }

  #of(apuracao: number): Lots {
    let lots = this.#lots.get(apuracao);
    if (lots === undefined) {
      lots = this.#create(apuracao);
      this.#lots.set(apuracao, lots);
    }
    return lots;
  }

  *rest(): Generator<OutputRecord> {
    for (const lots of this.#lots.values()) yield* lots.rest();
  }
}

const NO_TRACES: ReadonlyMap<Lancamento, readonly string[]> = new Map();

/** In which traces each entry is carried on; of an entry whose record came with none, nothing. */
function tracesOf(classified: readonly Classified[], trace: BatchTrace): Map<Lancamento, readonly string[]> {
  const traces = new Map<Lancamento, readonly string[]>();
  for (const c of classified) {
    const carried = traceparentsOf(c.record).flatMap((traceparent) => trace.carriedOn(traceparent) ?? []);
    if (carried.length > 0) for (const entry of entriesOf(c)) traces.set(entry, carried);
  }
  return traces;
}

const entriesOf = (c: Classified): Lancamento[] => (c.kind === 'classificada' ? c.lancamentos : []);

/** What the records of a round become, and their ledger entries: made as they are asked for, a few at a time. */
function* outputsOf(
  { classifier, partitions }: RoundHandlerOptions,
  { batches }: Round,
  { tally, trace }: { tally: Tally; trace: BatchTrace | null },
): Generator<OutputRecord> {
  const lots = new LotsByApuracao((apuracao) => new Lots(partitions, classifier.lotes, apuracao));
  for (const { topic, partition, records } of batches) {
    for (let from = 0; from < records.length; from += AT_ONCE) {
      const classified = classify(classifier, { topic, partition, records: records.slice(from, from + AT_ONCE) });
      tally.add(classified);
      for (const { output } of classified) yield output;
      yield* lots.add(classified, trace);
    }
  }
  yield* lots.rest();
}

/**
 * A round's one commit: what its records became, their ledger entries, and the group's offsets. Read-committed readers
 * see all of it or none.
 */
export function roundHandler(options: RoundHandlerOptions): ConsumerOptions['onRound'] {
  const { classifier, follower, paraDecidir, metrics } = options;
  return async (round) => {
    const stop = metrics.seconds.startTimer();
    // What was registered before an interaction was sent must be seen by its decision.
    await allOf([follower.caughtUp(), paraDecidir()]);
    const all = round.batches.flatMap(({ records }) => records);
    await classifier.interacoes.prepareIds(all.map((r) => r.value));
    const tally = new Tally();
    const trace = traceBatch('classifica', all, { 'messaging.batch.message_count': all.length });
    await endingWith(trace, () => round.commit(outputsOf(options, round, { tally, trace })));
    tally.tell(metrics.records);
    stop();
    return [];
  };
}
