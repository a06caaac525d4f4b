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
  /** The topic is written in transactions: the last offset is a marker, which no reader is handed. */
  transactional?: boolean;
}

interface Known {
  time: number;
  position: number;
  end: number;
}

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
 * No known sample, or none lately: desconhecido. Nothing behind: ok. Behind, and the position moved in the window
 * without the lag growing at every step: ok. Lag growing at every step, over three samples or more: atencao. Behind,
 * and the position did not move for a minute: parado.
 * @param samples of one partition, oldest first
 */
export function lagOf(samples: readonly LagSample[], now: number, options: LagOptions = {}): Lag {
  const { nextTimestamp = null, transactional = false } = options;
  const known = samples.filter(isKnown);
  const last = known.at(-1);
  if (last === undefined || now - last.time > STALE_MS || samples.at(-1) !== last) {
    return { state: 'desconhecido', records: null, seconds: null };
  }
  const marker = transactional ? 1 : 0;
  const records = Math.max(0, last.end - last.position);
  if (records <= marker) return { state: 'ok', records: 0, seconds: 0 };
  const since = nextTimestamp ?? arrival(known, last.position);
  const seconds = since === null ? null : Math.max(0, (now - since) / 1000);
  return { state: stateOf(known, last, marker), records, seconds };
}

function stateOf(known: readonly Known[], last: Known, marker: number): LagState {
  const moved = known.findLast((sample) => sample.position !== last.position);
  const standing = known.filter((sample) => sample.position === last.position);
  const waiting = standing.find((sample) => sample.end - sample.position > marker);
  if (waiting !== undefined && last.time - waiting.time >= STALLED_MS) return 'parado';
  if (moved === undefined && standing.length >= 3 && waiting === standing[0]) return 'atencao';
  const lags = known.map((sample) => sample.end - sample.position);
  const growing = lags.length >= 3 && lags.every((lag, i) => i === 0 || lag > (lags[i - 1] ?? 0));
  return growing ? 'atencao' : 'ok';
}
