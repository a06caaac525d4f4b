import { register } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { startHealthServer } from '#platform/health.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRedis } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { Aggregator } from './aggregator.ts';
import { criaMedidas } from './medidas.ts';

const GROUP = 'atendido-aggregator';

/** lancamentos → what each client and indicator comes to, in Redis; who became atendido → clientes-atendidos. */
async function start({ config, log, fatal, onStop }: ServiceContext): Promise<void> {
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  const health = await startHealthServer(config, () => readiness.cause());
  onStop('saúde', () => health.close());
  const kafka = createKafka({ ...config.kafka, clientId: GROUP, log });
  const registry = connectRegistry(config.registryUrl);
  const rulebooks = await loadRulebooks();
  const redis = connectRedis(config.redisUrl, 'aggregator');
  redis.on('error', (err) => {
    readiness.set('redis', err);
    log.warn({ err }, 'redis');
  });
  redis.on('ready', () => readiness.set('redis', null));
  onStop('redis', () => redis.disconnect());
  const lotes = await readiness.until('registro', () => codecFor(registry, 'lancamentos'));
  const clientesAtendidos = await readiness.until('registro', () => codecFor(registry, 'clientes-atendidos'));
  const transactor = await kafka.transactor(GROUP, GROUP);
  onStop('transações', () => transactor.close());
  const escritor = new EscritorDeEstado(redis);
  const medidas = criaMedidas(register);
  const aggregator = new Aggregator({ escritor, lotes, clientesAtendidos, transactor, rulebooks, medidas });
  const consumer = await kafka.consume({
    groupId: GROUP,
    topics: ['lancamentos'],
    positionOf: (tp) => aggregator.assume(tp),
    // For whoever watches the lag; the position that counts is in Redis.
    commit: 'after-batch',
    concurrency: 3,
    onBatch: (batch) => aggregator.aplica(batch),
    onRevoked: (revogadas) => aggregator.larga(revogadas),
    onFatal: fatal,
    onWaiting: (cause) => readiness.set('consumo', cause),
  });
  onStop('consumo', () => consumer.stop());
  readiness.set('partida', null);
}

await runService('aggregator', start);
