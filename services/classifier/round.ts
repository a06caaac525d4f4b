import type { Counter, Histogram } from 'prom-client';
import type { Codec } from '#platform/codec.ts';
import type { LoteDeLancamentos } from '#platform/codec-types.ts';
import type { ConsumerOptions, OutputRecord } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import { type Classified, type Classifier, classify } from './classify.ts';
import { lotsOf } from './lots.ts';

export interface RoundHandlerOptions {
  classifier: Classifier & { lotes: Codec<LoteDeLancamentos> };
  follower: PortfolioFollower;
  /** Of `lancamentos`. */
  partitions: number;
  metrics: { records: Counter<'resultado' | 'motivo'>; seconds: Histogram };
}

/** Once a round for each reason: counting is done for every record, and looking a counter up costs more than it. */
function observe({ records }: RoundHandlerOptions['metrics'], classified: readonly Classified[]): void {
  for (const [resultado, ofIt] of Map.groupBy(classified, resultOf)) {
    for (const [motivo, ofBoth] of Map.groupBy(ofIt, reasonOf)) records.inc({ resultado, motivo }, ofBoth.length);
  }
}

const resultOf = (c: Classified): string => (c.kind === 'quarentena' ? c.kind : c.decisao.resultado);
const reasonOf = (c: Classified): string => (c.kind === 'quarentena' ? c.motivo : c.decisao.motivo);

/**
 * A round's one commit: what its records became, their ledger entries, and the group's offsets. Read-committed readers
 * see all of it or none.
 */
export function roundHandler(options: RoundHandlerOptions): ConsumerOptions['onRound'] {
  const { classifier, follower, partitions, metrics } = options;
  return async (round) => {
    const stop = metrics.seconds.startTimer();
    // What was registered before an interaction was sent must be seen by its decision.
    await follower.caughtUp();
    await classifier.interacoes.prepareIds(round.batches.flatMap(({ records }) => records.map((r) => r.value)));
    const classified = round.batches.flatMap((batch) => classify(classifier, batch));
    const outputs: OutputRecord[] = classified.map((c) => c.output);
    const entries = classified.flatMap((c) => (c.kind === 'classificada' ? c.lancamentos : []));
    for (const lot of lotsOf(entries, partitions, classifier.lotes)) outputs.push(lot);
    await round.commit(outputs);
    observe(metrics, classified);
    stop();
    return [];
  };
}
