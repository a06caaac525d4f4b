import type { Disponibilizacao, Solucao } from '#domain/portfolio.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { type Codec, codecFor, PoisonError } from './codec.ts';
import type { Follower, InputRecord, Kafka } from './kafka/port.ts';
import type { Registry } from './registry.ts';

const TOPICS = ['solucoes', 'disponibilizacoes'] as const;

/** What a follower needs to say of records it cannot read. */
export interface PortfolioLog {
  error(fields: object, message: string): void;
}

/** The portfolio as Kafka has it, in memory and following. */
export interface PortfolioFollower {
  readonly portfolio: PortfolioEmMemoria;
  /**
   * Resolves when every portfolio record acknowledged before the call is in `portfolio`: a decision made after it
   * sees each solution and offer registered before the interaction was sent.
   * @throws RetryableError Kafka or the registry is away
   */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

interface Pending {
  topic: string;
  record: InputRecord;
}

/** Records wait here between arrival and the next look, for decoding may have to ask the registry. */
class Table implements PortfolioFollower {
  readonly portfolio = new PortfolioEmMemoria();
  #pending: Pending[] = [];
  /** One at a time, or two would take the same records off. */
  #drained: Promise<void> = Promise.resolve();
  follower: Follower | null = null;
  readonly #solucoes: Codec<Solucao>;
  readonly #disponibilizacoes: Codec<Disponibilizacao>;
  readonly #log: PortfolioLog;

  constructor(solucoes: Codec<Solucao>, disponibilizacoes: Codec<Disponibilizacao>, log: PortfolioLog) {
    this.#solucoes = solucoes;
    this.#disponibilizacoes = disponibilizacoes;
    this.#log = log;
  }

  add(topic: string, record: InputRecord): void {
    this.#pending.push({ topic, record });
  }

  async caughtUp(): Promise<void> {
    await this.follower?.caughtUp();
    const drained = this.#drained.then(() => this.#drain());
    // What fails is told to who asked; the next one tries again.
    this.#drained = drained.catch(() => undefined);
    await drained;
  }

  async #drain(): Promise<void> {
    const taken = [...this.#pending];
    if (taken.length === 0) return;
    const of = (topic: string) => taken.filter((p) => p.topic === topic).map((p) => p.record.value);
    await Promise.all([
      this.#solucoes.prepareIds(of('solucoes')),
      this.#disponibilizacoes.prepareIds(of('disponibilizacoes')),
    ]);
    // Only now, and at once: what failed above is still pending, and what came meanwhile keeps its place behind.
    for (const { topic, record } of taken) {
      if (topic === 'solucoes') this.#apply(record, this.portfolio.solucoes, this.#solucoes);
      else this.#apply(record, this.portfolio.disponibilizacoes, this.#disponibilizacoes);
    }
    this.#pending = this.#pending.slice(taken.length);
  }

  #apply<T extends { id: string }>(record: InputRecord, into: Map<string, T>, codec: Codec<T>): void {
    if (record.value === null) {
      if (record.key !== null) into.delete(record.key.toString());
      return;
    }
    try {
      const value = codec.decodeSync(record.value);
      into.set(value.id, value);
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      this.#log.error({ offset: record.offset, chave: record.key?.toString(), err: error }, 'portfólio ilegível');
    }
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }
}

/** Loads the portfolio whole and goes on following it. */
export async function followPortfolio(kafka: Kafka, registry: Registry, log: PortfolioLog): Promise<PortfolioFollower> {
  const [solucoes, disponibilizacoes] = await Promise.all([
    codecFor(registry, 'solucoes'),
    codecFor(registry, 'disponibilizacoes'),
  ]);
  const table = new Table(solucoes, disponibilizacoes, log);
  table.follower = await kafka.follow(TOPICS, (tp, record) => table.add(tp.topic, record));
  await table.caughtUp();
  return table;
}
