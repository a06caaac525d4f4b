import { RetryableError } from '../errors.ts';
import {
  LEITORES,
  type Leitor,
  type PartesDaLinha,
  type PorLer,
  type Posicao,
  porLerDe,
  posicoesDoLeitor,
} from '../linha.ts';
import { within } from '../within.ts';
import { type Lag, type LagSample, lagOf, lagOfAll } from './lag.ts';

/** Where a reader stands in one partition, and how far that is behind. */
export interface PartitionLag extends Lag {
  grupo: string;
  topico: string;
  particao: number;
  /** The next offset it reads (of the aggregator, Redis's); null: unknown, or it never said. */
  posicao: number | null;
  /** What its group last told Kafka, which for the aggregator is only for watchers; null: unknown, or nothing. */
  confirmada: number | null;
  /** The read-committed end; null: unknown. */
  fim: number | null;
}

/** A group in one topic, all partitions together. */
export interface GroupLag extends Lag {
  grupo: string;
  topico: string;
}

export interface MonitorOptions {
  /** How far back samples go, milliseconds. */
  windowMs?: number;
  /** See `LagOptions`. */
  stalledMs?: number;
  /** How long servers may take to answer a look, milliseconds. */
  patienceMs?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What was seen of one partition. */
interface Seen {
  samples: LagSample[];
  posicao: Posicao | null;
  confirmada: number | null;
  /** When the first unread record came. */
  since: number | null;
}

interface Answer {
  posicoes: Posicao[];
  porLer: Map<number, PorLer>;
  confirmadas: Map<number, number | null>;
}

const WINDOW_MS = 90_000;
const PATIENCE_MS = 10_000;

async function ask(partes: PartesDaLinha, leitor: Leitor): Promise<Answer> {
  const [posicoes, confirmadas] = await Promise.all([
    posicoesDoLeitor(partes, leitor),
    partes.admin.committed(leitor.grupo, leitor.topico),
  ]);
  return { posicoes, confirmadas, porLer: await porLerDe(partes, leitor.topico, posicoes) };
}

/** One reader of the line, looked at again and again. */
class Watched {
  readonly leitor: Leitor;
  readonly #partitions = new Map<number, Seen>();
  #asking: Promise<Answer> | null = null;

  constructor(leitor: Leitor) {
    this.leitor = leitor;
  }

  /** @throws whatever a server answered, or that none did in time; then nothing is known of this moment. */
  async look(partes: PartesDaLinha, time: number, options: Required<MonitorOptions>): Promise<void> {
    const forget = time - options.windowMs;
    try {
      const { posicoes, porLer, confirmadas } = await this.#answer(partes, options.patienceMs);
      for (const posicao of posicoes) {
        const { particao } = posicao;
        const { registros, desde } = porLer.get(particao) ?? { registros: 0, desde: null };
        const sample = { time, position: posicao.posicao, end: posicao.fim, unread: registros };
        this.#add(particao, sample, { posicao, confirmada: confirmadas.get(particao) ?? null, since: desde });
      }
    } catch (error) {
      const unknown = { posicao: null, confirmada: null, since: null };
      for (const n of this.#partitions.keys()) this.#add(n, { time, position: null, end: null }, unknown);
      throw error;
    } finally {
      for (const seen of this.#partitions.values()) seen.samples = seen.samples.filter((s) => s.time >= forget);
    }
  }

  #add(partition: number, sample: LagSample, rest: Omit<Seen, 'samples'>): void {
    const samples = this.#partitions.get(partition)?.samples ?? [];
    this.#partitions.set(partition, { ...rest, samples: [...samples, sample] });
  }

  /** One question at a time: a server that hangs is not asked ever more. */
  async #answer(partes: PartesDaLinha, patienceMs: number): Promise<Answer> {
    if (this.#asking === null) {
      const asking = ask(partes, this.leitor).finally(() => {
        this.#asking = null;
      });
      this.#asking = asking;
      // Whoever still waits for it is told; it may be nobody.
      asking.catch(() => undefined);
    }
    const { grupo, topico } = this.leitor;
    return within(patienceMs, this.#asking, () => new RetryableError(`${grupo} em ${topico}: sem resposta a tempo`));
  }

  lags(now: number, stalledMs: number): PartitionLag[] {
    const ordered = [...this.#partitions].toSorted(([a], [b]) => a - b);
    return ordered.map(([particao, { samples, posicao, confirmada, since }]) => {
      const lag = lagOf(samples, now, { nextTimestamp: since, stalledMs });
      const onde = { posicao: posicao?.posicao ?? null, confirmada, fim: posicao?.fim ?? null };
      return { ...this.leitor, particao, ...onde, ...lag };
    });
  }
}

/**
 * How far every reader of the line is behind: remembers what it saw, and judges it by the rules of lag.ts. What does not
 * answer is unknown, reader by reader: a Redis that is away says nothing of the classifier.
 */
export class LagMonitor {
  readonly #partes: PartesDaLinha;
  readonly #options: Required<MonitorOptions>;
  readonly #watched = LEITORES.map((leitor) => new Watched(leitor));

  constructor(partes: PartesDaLinha, options: MonitorOptions = {}) {
    this.#partes = partes;
    const defaults = { windowMs: WINDOW_MS, stalledMs: 60_000, patienceMs: PATIENCE_MS, now: Date.now };
    this.#options = { ...defaults, ...options };
  }

  /** Asks the servers once. @returns why something is unknown now; none: everything answered */
  async look(): Promise<Error[]> {
    const time = this.#options.now();
    const looks = this.#watched.map((one) => one.look(this.#partes, time, this.#options));
    const results = await Promise.allSettled(looks);
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  }

  /** Of every partition seen so far, as of the last look. */
  partitions(): PartitionLag[] {
    const { now, stalledMs } = this.#options;
    return this.#watched.flatMap((one) => one.lags(now(), stalledMs));
  }

  /** Of every reader, seen or not. */
  groups(): GroupLag[] {
    const { now, stalledMs } = this.#options;
    return this.#watched.map((one) => ({ ...one.leitor, ...lagOfAll(one.lags(now(), stalledMs)) }));
  }
}

const EVERY_MS = 5_000;

/**
 * Looks every five seconds until stopped.
 * @param onUnknown told what did not answer, at every look that happens
 * @returns what stops it
 */
export function watchLag(monitor: LagMonitor, onUnknown: (causes: Error[]) => void, everyMs = EVERY_MS): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const causes = await monitor.look();
    if (stopped) return;
    if (causes.length > 0) onUnknown(causes);
    timer = setTimeout(() => void look(), everyMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
