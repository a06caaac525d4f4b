import type { Counter } from 'prom-client';
import type { Interacao } from '#domain/interacao.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { allOf } from '#platform/all-of.ts';
import type { Codec } from '#platform/codec.ts';
import { falha } from '#platform/falhas.ts';
import type { Batch, Cursor, Producer, Round, TopicPartition } from '#platform/kafka/port.ts';
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

/** What a consumer of `presencas` is given: where partitions begin, and what is done with a round. */
export interface ConsolidatorStep {
  positionOf(tp: TopicPartition): Promise<number>;
  /** Whether the position in Redis is another than the one we read on from. */
  hasMoved(tp: TopicPartition): Promise<boolean>;
  onRound(round: Round): Promise<Cursor[]>;
}

/**
 * Folds a batch against the position it follows, emits what comes of it, and only then moves the position. A crash in
 * between emits the same again, under the same ids.
 */
export function consolidatorStep(options: ConsolidatorStepOptions): ConsolidatorStep {
  const { store, follower, codec, producer, rulebooks, emitted } = options;
  /** By partition, the position we read on from. Another one in Redis: somebody moved it, or Redis lost its tail. */
  const reached = new Map<number, number>();
  const goTo = ({ topic, partition }: Batch, offset: number): Cursor[] => [{ topic, partition, offset }];
  const fold = async (batch: Batch): Promise<Cursor[]> => {
    const { partition, records } = batch;
    // A round that failed in another partition is handed again as it was: of what is folded nothing is folded twice.
    const from = reached.get(partition) ?? 0;
    if (batch.next <= from) return [];
    const presences = presencesOf(
      records.filter(({ offset }) => offset >= from),
      codec,
    );
    const { position, offers } = await store.load(partition, touchedBy(presences));
    if (position !== from) return goTo(batch, position);
    const derived = consolidate(presences, offers, rulebooks, follower.portfolio);
    if (!batch.isStillOurs()) return [];
    await producer.send(outputsOf(derived, codec));
    if (derived.length > 0) falha('consolidator:emitida');
    const stored = await store.commit(partition, position, batch.next, offers);
    if (derived.length > 0) falha('consolidator:guardada');
    if (stored !== batch.next) return goTo(batch, stored);
    reached.set(partition, batch.next);
    for (const { tipoInteracao } of derived) emitted.inc({ interacao: tipoInteracao });
    return [];
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
    async onRound({ batches }) {
      await follower.caughtUp();
      await codec.prepareIds(batches.flatMap(({ records }) => records.map((r) => r.value)));
      const moved = (await allOf(batches.map(fold))).flat();
      // Not before: a round that failed is handed again as it was, and would begin behind the place gone back to.
      for (const { partition, offset } of moved) reached.set(partition, offset);
      return moved;
    },
  };
}
