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
import type { BatchTrace } from '#platform/tracing/batch.ts';
import { endingWith, traceBatch } from '#platform/tracing/tracing.ts';
import { consolidate, outputsOf, type Presence, presencesOf, touchedBy } from './consolidate.ts';
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
  /** Check-ins past the late window of their offer's closings. */
  late: Counter;
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

const goTo = ({ topic, partition }: Batch, offset: number): Cursor[] => [{ topic, partition, offset }];

/** What a step stands on, and by partition how far it read. */
interface Standing extends ConsolidatorStepOptions {
  /** Another position in Redis: somebody moved it, or Redis lost its tail. */
  reached: Map<number, Reached>;
}

/** What a batch says from a position on; of what came back from quarantine only the copy, as it was when first read. */
function presencesFrom(from: number, batch: Batch, { codec, postas, seguidas }: Standing): Presence[] {
  const { partition, records } = batch;
  const ours = records.filter(({ offset }) => offset >= from && !postas.voltou(placeOf(batch, offset)));
  return presencesOf(ours, codec, { partition, esquecimentos: seguidas.esquecimentos });
}

/** Those who were forgotten between two positions are removed: what was folded there wrote them for the last time. */
async function forgetBetween(
  store: PresenceStore,
  esquecimentos: Standing['seguidas']['esquecimentos'],
  { partition, from, to }: { partition: number; from: number; to: number },
): Promise<void> {
  if (esquecimentos.cruzados(partition, from, to).length === 0) return;
  falha('consolidator:esquece');
  // Those of before too: Redis may have gone back to where they were not removed yet.
  await store.forget([...esquecimentos.semPresencas(partition, to)], partition);
}

/**
 * Folds a batch against the position it follows, emits what comes of it, and only then moves the position. A crash in
 * between emits the same again, under the same ids.
 * @returns where to read on, where that is not behind the batch
 */
async function fold(
  batch: Batch,
  standing: Standing,
  { apuracao, trace }: { apuracao: number; trace: BatchTrace | null },
): Promise<Cursor[]> {
  const { storeOf, follower, seguidas, codec, producer, emitted, late, reached } = standing;
  const { partition, next } = batch;
  const store = storeOf(apuracao);
  const before = reached.get(partition);
  if (before?.apuracao !== apuracao) return goTo(batch, await store.position(partition));
  // A round that failed in another partition is handed again as it was: of what is folded nothing is folded twice.
  const from = before.offset;
  if (next <= from) return [];
  const presences = presencesFrom(from, batch, standing);
  const { position, offers } = await store.load(partition, touchedBy(presences));
  if (position !== from) return goTo(batch, position);
  const rulebooks = seguidas.apuracoes.rulebooks(apuracao);
  let tooLate = 0;
  const derived = consolidate(presences, offers, {
    ...{ rulebooks, portfolio: follower.portfolio, apuracao, trace },
    late: () => {
      tooLate += 1;
    },
  });
  if (!batch.isStillOurs()) return [];
  await producer.send(outputsOf(derived, codec));
  if (derived.length > 0) falha('consolidator:emitida');
  const stored = await store.commit(partition, from, next, offers);
  if (derived.length > 0) falha('consolidator:guardada');
  if (stored !== next) return goTo(batch, stored);
  await forgetBetween(store, seguidas.esquecimentos, { partition, from, to: next });
  reached.set(partition, { apuracao, offset: next });
  late.inc(tooLate);
  for (const { interacao } of derived) emitted.inc({ interacao: interacao.tipoInteracao });
  return [];
}

/** Consolidates presences. Once another apuração is in force, its presences are gone on with where they stand. */
export function consolidatorStep(options: ConsolidatorStepOptions): ConsolidatorStep {
  const reached = new Map<number, Reached>();
  const standing = { ...options, reached };
  const { storeOf, follower, seguidas, codec, postas } = options;
  const { apuracoes, esquecimentos } = seguidas;
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
      const all = batches.flatMap(({ records }) => records);
      await codec.prepareIds(all.map((r) => r.value));
      const trace = traceBatch('consolida', all, { 'messaging.batch.message_count': all.length });
      const folding = () => allOf(batches.map((batch) => fold(batch, standing, { apuracao, trace })));
      const moved = (await endingWith(trace, folding)).flat();
      // Not before: a round that failed is handed again as it was, and would begin behind the place gone back to.
      for (const { partition, offset } of moved) reached.set(partition, { apuracao, offset });
      return moved;
    },
  };
}
