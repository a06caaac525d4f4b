import { Counter } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { startHealthServer } from '#platform/health.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRedis } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { consolidatorStep } from './batch.ts';
import { PresenceStore } from './store.ts';

const GROUP = 'atendido-consolidator';

const emitted = new Counter({
  name: 'atendido_participacoes_consolidadas_total',
  help: 'Registros derivados das presenças, por interação',
  labelNames: ['interacao'],
});

/** presencas → the presences of each offer → consolidated participations, back to interacoes. */
async function start({ config, log, fatal, onStop }: ServiceContext): Promise<void> {
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  const health = await startHealthServer(config, () => readiness.cause());
  onStop('saúde', () => health.close());
  const kafka = createKafka({ ...config.kafka, clientId: GROUP, log });
  const registry = connectRegistry(config.registryUrl);
  const rulebooks = await loadRulebooks();
  const redis = connectRedis(config.redisUrl, 'consolidator');
  redis.on('error', (err) => {
    readiness.set('redis', err);
    log.warn({ err }, 'redis');
  });
  redis.on('ready', () => readiness.set('redis', null));
  onStop('redis', () => redis.disconnect());
  const codec = await readiness.until('registro', () => codecFor(registry, 'interacoes'));
  const follower = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => follower.stop());
  const producer = await readiness.until('kafka', () => kafka.producer());
  onStop('produtor', () => producer.close());
  const store = new PresenceStore(redis);
  const step = consolidatorStep({ store, follower, codec, producer, rulebooks, emitted });
  const consumer = await kafka.consume({
    groupId: GROUP,
    topics: ['presencas'],
    positionOf: step.positionOf,
    commit: 'after-batch',
    concurrency: 4,
    onBatch: step.onBatch,
    onFatal: fatal,
    onWaiting: (cause) => readiness.set('kafka', cause),
  });
  onStop('consumo', () => consumer.stop());
  readiness.set('partida', null);
}

await runService('consolidator', start);
