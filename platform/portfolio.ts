import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { type Codec, codecFor, PoisonError } from './codec.ts';
import { type Followed, followRecords } from './followed.ts';
import type { InputRecord, Kafka } from './kafka/port.ts';
import type { Registry } from './registry.ts';

const TOPICS = ['solucoes', 'disponibilizacoes'] as const;

/** What a follower needs to say of records it cannot read. */
export interface PortfolioLog {
  error(fields: object, message: string): void;
}

/**
 * The portfolio as Kafka has it, in memory and following: a decision made after `caughtUp` sees each solution and offer
 * registered before the interaction was sent.
 */
export interface PortfolioFollower extends Followed {
  readonly portfolio: PortfolioEmMemoria;
}

function apply<T extends { id: string }>(
  { offset, key, value }: InputRecord,
  into: Map<string, T>,
  codec: Codec<T>,
  log: PortfolioLog,
): void {
  if (value === null) {
    if (key !== null) into.delete(key.toString());
    return;
  }
  try {
    const one = codec.decodeSync(value);
    into.set(one.id, one);
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    log.error({ offset, chave: key?.toString(), err: error }, 'portfólio ilegível');
  }
}

/** Loads the portfolio whole and goes on following it. */
export async function followPortfolio(kafka: Kafka, registry: Registry, log: PortfolioLog): Promise<PortfolioFollower> {
  const [solucoes, disponibilizacoes] = await Promise.all([
    codecFor(registry, 'solucoes'),
    codecFor(registry, 'disponibilizacoes'),
  ]);
  const portfolio = new PortfolioEmMemoria();
  const followed = await followRecords(kafka, TOPICS, {
    prepare: (arrived) => {
      const of = (topic: string) => arrived.filter((a) => a.topic === topic).map((a) => a.record.value);
      return Promise.all([solucoes.prepareIds(of('solucoes')), disponibilizacoes.prepareIds(of('disponibilizacoes'))]);
    },
    apply: ({ topic, record }) => {
      if (topic === 'solucoes') apply(record, portfolio.solucoes, solucoes, log);
      else apply(record, portfolio.disponibilizacoes, disponibilizacoes, log);
    },
  });
  return { portfolio, ...followed };
}
