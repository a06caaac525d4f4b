import type { Counter } from 'prom-client';
import type { Interacao } from '#domain/interacao.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import type { Codec } from '#platform/codec.ts';
import type { Batch, BatchOutcome, Producer, TopicPartition } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import { consolidate, outputsOf, presencesOf, touchedBy } from './consolidate.ts';
import type { PresenceStore } from './store.ts';

export interface ConsolidatorStepOptions {
  store: PresenceStore;
  follower: PortfolioFollower;
  codec: Codec<Interacao>;
  producer: Producer;
  rulebooks: Rulebooks;
  emitted: Counter<'interacao'>;
}

/** What a consumer of `presencas` is given: where partitions begin, and what is done with a batch. */
export interface ConsolidatorStep {
  positionOf(tp: TopicPartition): Promise<number>;
  /** Whether the position in Redis is another than the one we read on from. */
  hasMoved(tp: TopicPartition): Promise<boolean>;
  onBatch(batch: Batch): Promise<BatchOutcome>;
}

/**
 * Folds a batch against the position it follows, emits what comes of it, and only then moves the position. A crash in
 * between emits the same again, under the same ids.
 */
export function consolidatorStep(options: ConsolidatorStepOptions): ConsolidatorStep {
  const { store, follower, codec, producer, rulebooks, emitted } = options;
  /** By partition, the position we read on from. Another one in Redis: somebody moved it, or Redis lost its tail. */
  const reached = new Map<number, number>();
  const goTo = (partition: number, offset: number): BatchOutcome => {
    reached.set(partition, offset);
    return { kind: 'seek', offset };
  };
  return {
    async positionOf({ partition }) {
      const position = await store.position(partition);
      reached.set(partition, position);
      return position;
    },
    async hasMoved({ partition }) {
      const here = reached.get(partition);
      return here !== undefined && (await store.position(partition)) !== here;
    },
    async onBatch(batch) {
      const { partition, records } = batch;
      const last = records.at(-1);
      if (last === undefined) return { kind: 'done' };
      await follower.caughtUp();
      await codec.prepareIds(records.map((r) => r.value));
      const presences = presencesOf(records, codec);
      const { position, offers } = await store.load(partition, touchedBy(presences));
      if (position !== reached.get(partition)) return goTo(partition, position);
      const derived = consolidate(presences, offers, rulebooks, follower.portfolio);
      if (!batch.isStillOurs()) return { kind: 'done' };
      await producer.send(outputsOf(derived, codec));
      const next = last.offset + 1;
      const stored = await store.commit(partition, position, next, offers);
      if (stored !== next) return goTo(partition, stored);
      reached.set(partition, next);
      for (const { tipoInteracao } of derived) emitted.inc({ interacao: tipoInteracao });
      return { kind: 'done' };
    },
  };
}
