import type { Counter } from 'prom-client';
import type { Interacao } from '#domain/interacao.ts';
import { allOf } from '#platform/all-of.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import { falha } from '#platform/falhas.ts';
import type { Batch, Cursor, Producer, Round, TopicPartition } from '#platform/kafka/port.ts';
import type { PortfolioFollower } from '#platform/portfolio.ts';
import type { Postas } from '#platform/quarentena/postas.ts';
import { coordenada } from '#platform/quarentena/registros.ts';
import { consolidate, outputsOf, presencesOf, touchedBy } from './consolidate.ts';
import type { PresenceStore } from './store.ts';

export interface ConsolidatorStepOptions {
  /** The presences of an apuração. */
  storeOf: (apuracao: number) => PresenceStore;
  follower: Pick<PortfolioFollower, 'portfolio' | 'caughtUp'>;
  seguidas: Pick<ApuracoesSeguidas, 'apuracoes' | 'esquecimentos' | 'paraDecidir'>;
  codec: Codec<Interacao>;
  producer: Producer;
  /** Of `presencas`. */
  postas: Pick<Postas, 'atualiza' | 'voltou'>;
  emitted: Counter<'interacao'>;
}

/** Where a partition is read on from, in the presences of which apuração. */
interface Reached {
  apuracao: number;
  offset: number;
}

/** What a consumer of `presencas` is given: where partitions begin, and what is done with a round. */
export interface ConsolidatorStep {
  positionOf(tp: TopicPartition): Promise<number>;
  /** Whether the position in Redis is another than the one we read on from. */
  hasMoved(tp: TopicPartition): Promise<boolean>;
  onRound(round: Round): Promise<Cursor[]>;
}

/** Older than this, a record may have been set aside, put right by somebody, and have come back, before it is read. */
const OLD_MS = 10_000;

/** Whether records are read that may have come back as others: Redis lost what they came to, or we are late. */
function readAgain(batches: readonly Batch[]): boolean {
  const recent = Date.now() - OLD_MS;
  return batches.some(({ records }) => records.some(({ timestamp }) => timestamp < recent));
}

const placeOf = ({ topic, partition }: TopicPartition, offset: number): string =>
  coordenada({ topico: topic, particao: partition, posicao: offset });

/**
 * Folds a batch against the position it follows, emits what comes of it, and only then moves the position. A crash in
 * between emits the same again, under the same ids. Of what came back from quarantine only the copy is folded, as it was
 * when it was read first. Once another apuração is in force, its presences are gone on with where they stand.
 */
export function consolidatorStep(options: ConsolidatorStepOptions): ConsolidatorStep {
  const { storeOf, follower, seguidas, codec, producer, postas, emitted } = options;
  const { apuracoes, esquecimentos } = seguidas;
  /** By partition. Another position in Redis: somebody moved it, or Redis lost its tail. */
  const reached = new Map<number, Reached>();
  const goTo = ({ topic, partition }: Batch, offset: number): Cursor[] => [{ topic, partition, offset }];
  const fold = async (batch: Batch, apuracao: number): Promise<Cursor[]> => {
    const { partition, records } = batch;
    const store = storeOf(apuracao);
    const before = reached.get(partition);
    if (before?.apuracao !== apuracao) return goTo(batch, await store.position(partition));
    // A round that failed in another partition is handed again as it was: of what is folded nothing is folded twice.
    const from = before.offset;
    if (batch.next <= from) return [];
    const ours = records.filter(({ offset }) => offset >= from && !postas.voltou(placeOf(batch, offset)));
    const presences = presencesOf(ours, codec, { partition, esquecimentos });
    const { position, offers } = await store.load(partition, touchedBy(presences));
    if (position !== from) return goTo(batch, position);
    const rulebooks = apuracoes.rulebooks(apuracao);
    const derived = consolidate(presences, offers, { rulebooks, portfolio: follower.portfolio, apuracao });
    if (!batch.isStillOurs()) return [];
    await producer.send(outputsOf(derived, codec));
    if (derived.length > 0) falha('consolidator:emitida');
    const stored = await store.commit(partition, position, batch.next, offers);
    if (derived.length > 0) falha('consolidator:guardada');
    if (stored !== batch.next) return goTo(batch, stored);
    if (esquecimentos.cruzados(partition, position, batch.next).length > 0) {
      falha('consolidator:esquece');
      // Those of before too: Redis may have gone back to where they were not removed yet.
      const forgotten = [...esquecimentos.semPresencas(partition, batch.next)];
      await store.forget(forgotten, partition);
    }
    reached.set(partition, { apuracao, offset: batch.next });
    for (const { tipoInteracao } of derived) emitted.inc({ interacao: tipoInteracao });
    return [];
  };
  return {
    async positionOf({ partition }) {
      await seguidas.paraDecidir();
      const apuracao = apuracoes.emVigor;
      const store = storeOf(apuracao);
      const offset = await store.position(partition);
      // Whoever moved it may have been killed before it removed them.
      const forgotten = [...esquecimentos.semPresencas(partition, offset)];
      if (forgotten.length > 0 && (await store.forgotten(partition)) !== forgotten.length) {
        await store.forget(forgotten, partition);
      }
      reached.set(partition, { apuracao, offset });
      return offset;
    },
    async hasMoved({ partition }) {
      const here = reached.get(partition);
      if (here === undefined) return false;
      const store = storeOf(here.apuracao);
      const { size } = esquecimentos.semPresencas(partition, here.offset);
      // A partition in which nothing comes may be the same but for whom it had forgotten.
      const there = (await store.position(partition)) === here.offset;
      if (there && (size === 0 || (await store.forgotten(partition)) === size)) return false;
      // We moved it meanwhile: no commit goes through elsewhere.
      return reached.get(partition) === here;
    },
    async onRound({ batches }) {
      await allOf([follower.caughtUp(), seguidas.paraDecidir()]);
      if (readAgain(batches)) await postas.atualiza();
      const apuracao = apuracoes.emVigor;
      await codec.prepareIds(batches.flatMap(({ records }) => records.map((r) => r.value)));
      const moved = (await allOf(batches.map((batch) => fold(batch, apuracao)))).flat();
      // Not before: a round that failed is handed again as it was, and would begin behind the place gone back to.
      for (const { partition, offset } of moved) reached.set(partition, { apuracao, offset });
      return moved;
    },
  };
}
