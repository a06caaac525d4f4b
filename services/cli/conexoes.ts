import type { Apuracoes } from '#domain/apuracao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { type ApuracoesSeguidas, followApuracoes } from '#platform/apuracoes.ts';
import type { Codec } from '#platform/codec.ts';
import type { Config } from '#platform/config.ts';
import { connectLocal } from '#platform/config-stack.ts';
import { CodedError, RetryableError } from '#platform/errors.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { PartesDaLinha } from '#platform/linha.ts';
import { createLogger } from '#platform/logging.ts';
import { Nomes, PROBLEMAS_DA_CHAVE } from '#platform/nomes.ts';
import { followPortfolio, type PortfolioFollower } from '#platform/portfolio.ts';
import { lidasDaQuarentena } from '#platform/quarentena/lidas.ts';
import { connectRedis, type RedisConnection } from '#platform/redis.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import type { PartesDaAuditoria } from './auditoria.ts';

/** Everything a command that looks at the line is connected to. */
export type Conexoes = PartesDaAuditoria &
  PartesDaLinha & {
    interacoes: Codec<Interacao>;
    redis: RedisConnection;
    registry: Registry;
    follower: PortfolioFollower;
    seguidas: ApuracoesSeguidas;
    apuracoes: Apuracoes;
    /** How CPFs are named. */
    nomes: Nomes;
    /** Of `lancamentos`. */
    particoes: number;
  };

async function abre(
  config: Config,
  desfaz: (() => Promise<void>)[],
  recusado: (porque: CodedError) => void,
): Promise<Conexoes> {
  const log = createLogger('cli', 'silent');
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-cli', log });
  const registry = connectRegistry(config.registryUrl);
  const admin = await kafka.admin();
  desfaz.push(() => admin.close());
  const redis = connectRedis(config.redis, 'cli', recusado);
  // What fails is told by the command that fails.
  redis.on('error', () => undefined);
  desfaz.push(async () => redis.disconnect());
  const particoes = await admin.partitionCount('lancamentos');
  const seguidas = await followApuracoes(kafka, registry);
  desfaz.push(() => seguidas.stop());
  const { apuracoes } = seguidas;
  const leitor = leitorDeEstado(redis, { particoes, emVigor: () => apuracoes.emVigor });
  const follower = await followPortfolio(kafka, registry, log);
  desfaz.push(() => follower.stop());
  const lidas = await lidasDaQuarentena(registry, kafka);
  const servidores = { config, kafka, admin, redis, registry, particoes };
  const nomes = new Nomes(config, seguidas.esquecimentos.trocas);
  return { ...servidores, nomes, leitor, follower, portfolio: follower.portfolio, seguidas, apuracoes, ...lidas };
}

/**
 * Connects to the servers in the environment, else to the local stack, for as long as `trabalho` takes.
 * @throws CodedError PILHA_PARADA, SERVIDOR_FORA, and what `refusalOf` of Redis gives
 */
export async function conectado<T>(trabalho: (conexoes: Conexoes) => Promise<T>): Promise<T> {
  const desfaz: (() => Promise<void>)[] = [];
  // Otherwise it would be waited for, as one that is away.
  const { promise: recusa, reject } = Promise.withResolvers<never>();
  recusa.catch(() => undefined);
  try {
    const conexoes = await abre(connectLocal(), desfaz, reject);
    return await Promise.race([recusa, trabalho(conexoes)]);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    // Not the server, but this process's own keys.
    if (error.cause instanceof CodedError && PROBLEMAS_DA_CHAVE.has(error.cause.code)) throw error.cause;
    throw new CodedError('SERVIDOR_FORA', `um servidor não responde: ${error.message}`, { cause: error });
  } finally {
    for (const fecha of desfaz.reverse()) await fecha();
  }
}
