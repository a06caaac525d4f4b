/** Unknown is a state of its own: it is never shown as zero behind. */
export type LagState = 'ok' | 'atencao' | 'parado' | 'desconhecido';

/** What was seen of one partition at one moment. */
export interface LagSample {
  /** Milliseconds since the epoch. */
  time: number;
  /** The offset the reader goes on from; null: it never said. */
  position: number | null;
  /** The read-committed end; null: the broker did not answer. */
  end: number | null;
  /** The records between the two, where they were counted: markers of transactions, which are none, lie there too. */
  unread?: number;
}

export interface Lag {
  state: LagState;
  /** null: unknown. */
  records: number | null;
  /** How long ago the first unread record came; null: unknown. */
  seconds: number | null;
}

/** A reader that did not move for this long, with records to read, has stopped. */
const STALLED_MS = 60_000;
/** Samples older than this no longer say how things are. */
const STALE_MS = 120_000;

export interface LagOptions {
  /** The timestamp of the first unread record, where it was looked up; without it, it is interpolated. */
  nextTimestamp?: number | null;
  /** How long a reader that has records to read may stand still before it counts as stopped; default: a minute. */
  stalledMs?: number;
}

interface Known {
  time: number;
  position: number;
  end: number;
  unread?: number;
}

/** Records behind at that moment. A position past the end is of another log: nothing to read. */
const unreadOf = ({ position, end, unread }: Known): number => unread ?? Math.max(0, end - position);

function isKnown(sample: LagSample): sample is Known {
  return sample.position !== null && sample.end !== null;
}

/** When the end passed `offset`, on the straight line between the samples around that; null: before the first. */
function arrival(samples: readonly Known[], offset: number): number | null {
  for (const [i, after] of samples.entries()) {
    if (after.end <= offset) continue;
    const before = samples[i - 1];
    if (before === undefined) return null;
    return before.time + ((offset - before.end) / (after.end - before.end)) * (after.time - before.time);
  }
  return null;
}

/**
 * The lag of one partition, in the manner of Burrow: from how position and end moved, not from a threshold.
 * No known sample, or none lately: desconhecido. Nothing behind: ok. Behind, and the position did not move for a minute:
 * parado; for half of that, or in none of three samples or more: atencao. The lag never fell in the window, over three
 * samples or more, was never nothing, and is more than it was: atencao. Anything else: ok, however much it is.
 * @param samples of one partition, oldest first
 */
export function lagOf(samples: readonly LagSample[], now: number, options: LagOptions = {}): Lag {
  const { nextTimestamp = null, stalledMs = STALLED_MS } = options;
  const known = samples.filter(isKnown);
  const last = known.at(-1);
  if (last === undefined || now - last.time > STALE_MS || samples.at(-1) !== last) {
    return { state: 'desconhecido', records: null, seconds: null };
  }
  // Past the end a look ago already, and not for the two being asked at different moments: this is another log.
  const before = known.at(-2);
  if (before !== undefined && before.position > last.end) {
    return { state: 'desconhecido', records: null, seconds: null };
  }
  const records = unreadOf(last);
  if (records === 0) return { state: 'ok', records: 0, seconds: 0 };
  const since = nextTimestamp ?? arrival(known, last.position);
  const seconds = since === null ? null : Math.max(0, (now - since) / 1000);
  return { state: stateOf(known, last, stalledMs), records, seconds };
}

function stateOf(known: readonly Known[], last: Known, stalledMs: number): LagState {
  const standing = known.slice(known.findLastIndex(({ position }) => position !== last.position) + 1);
  const waiting = standing.find((sample) => unreadOf(sample) > 0);
  const waitedMs = waiting === undefined ? 0 : last.time - waiting.time;
  if (waitedMs >= stalledMs) return 'parado';
  if (waitedMs >= stalledMs / 2) return 'atencao';
  if (standing.length === known.length && standing.length >= 3 && waiting === standing[0]) return 'atencao';
  const lags = known.map(unreadOf);
  // Whoever had read all of it within the window keeps up.
  const grows = lags.length >= 3 && lags.every((lag, i) => lag > 0 && lag >= (lags[i - 1] ?? 0));
  return grows && unreadOf(last) > (lags[0] ?? 0) ? 'atencao' : 'ok';
}

/** Worst last. Not to know is worse than to fall behind, and to have stopped is worst. */
const BY_GRAVITY: readonly LagState[] = ['ok', 'atencao', 'desconhecido', 'parado'];

/**
 * The lag of all partitions of a group: their worst state, their records together, the longest wait. What is unknown of
 * one is unknown of all; of none nothing is known.
 */
export function lagOfAll(lags: readonly Lag[]): Lag {
  if (lags.length === 0) return { state: 'desconhecido', records: null, seconds: null };
  const worst = Math.max(...lags.map(({ state }) => BY_GRAVITY.indexOf(state)));
  const known = (of: 'records' | 'seconds') => lags.map((lag) => lag[of]).filter((n) => n !== null);
  const [records, seconds] = [known('records'), known('seconds')];
  return {
    state: BY_GRAVITY[worst] ?? 'desconhecido',
    records: records.length < lags.length ? null : records.reduce((sum, n) => sum + n, 0),
    seconds: seconds.length < lags.length ? null : Math.max(...seconds),
  };
}
