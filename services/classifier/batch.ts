import type { Counter, Histogram } from 'prom-client';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import type { Batch, BatchOutcome, Transactor } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import { type Classified, type Classifier, classify } from './classify.ts';
import { lotsOf } from './lots.ts';

export interface BatchHandlerOptions {
  classifier: Classifier & { lotes: Codec<LoteDeLancamentos> };
  follower: PortfolioFollower;
  transactor: Transactor;
  /** Of `lancamentos`. */
  partitions: number;
  metrics: { records: Counter<'resultado' | 'motivo'>; seconds: Histogram };
}

function observe({ records }: BatchHandlerOptions['metrics'], classified: readonly Classified[]): void {
  for (const c of classified) {
    if (c.kind === 'quarentena') records.inc({ resultado: 'quarentena', motivo: c.motivo });
    else records.inc({ resultado: c.decisao.resultado, motivo: c.decisao.motivo });
  }
}

/**
 * A batch's one transaction: what its records became, their ledger entries, and the group's offset. Read-committed
 * readers see all of it or none.
 */
export function batchHandler(options: BatchHandlerOptions): (batch: Batch) => Promise<BatchOutcome> {
  const { classifier, follower, transactor, partitions, metrics } = options;
  return async (batch) => {
    const done: BatchOutcome = { kind: 'done' };
    const last = batch.records.at(-1);
    if (last === undefined) return done;
    const stop = metrics.seconds.startTimer();
    // What was registered before an interaction was sent must be seen by its decision.
    await follower.caughtUp();
    await classifier.interacoes.prepareIds(batch.records.map((r) => r.value));
    const classified = batch.records.map((record) => classify(classifier, batch, record));
    if (!batch.isStillOurs()) return done;
    const entries = classified.flatMap((c) => (c.kind === 'classificada' ? c.lancamentos : []));
    const outputs = [...classified.map((c) => c.output), ...lotsOf(entries, partitions, classifier.lotes)];
    await transactor.run(batch, outputs, last.offset + 1);
    observe(metrics, classified);
    stop();
    return done;
  };
}
