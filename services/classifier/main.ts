import { Counter, Histogram } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import { startHealthServer } from '#platform/health.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { batchHandler } from './batch.ts';

const GROUP = 'atendido-classifier';

const metrics = {
  records: new Counter({
    name: 'atendido_interacoes_classificadas_total',
    help: 'Registros classificados, por resultado e motivo',
    labelNames: ['resultado', 'motivo'],
  }),
  seconds: new Histogram({
    name: 'atendido_lote_classificado_seconds',
    help: 'Tempo de um lote, da leitura à transação',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  }),
};

async function codecsOf(registry: Registry) {
  const [interacoes, contabilizadas, lotes, quarentenas] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'interacoes-em-quarentena'),
  ]);
  return { interacoes, classificadas: new ClassificadaEncoder(interacoes, contabilizadas), lotes, quarentenas };
}

/** interacoes, presencas → decide → contabilizadas | nao-contabilizadas | quarentena, and the ledger. */
async function start({ config, log, fatal, onStop }: ServiceContext): Promise<void> {
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  const health = await startHealthServer(config, () => readiness.cause());
  onStop('saúde', () => health.close());
  const kafka = createKafka({ ...config.kafka, clientId: GROUP, log });
  const registry = connectRegistry(config.registryUrl);
  const rulebooks = await loadRulebooks();
  const codecs = await readiness.until('registro', () => codecsOf(registry));
  const follower = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => follower.stop());
  const admin = await readiness.until('kafka', () => kafka.admin());
  onStop('admin', () => admin.close());
  const partitions = await readiness.until('kafka', () => admin.partitionCount('lancamentos'));
  const transactor = await kafka.transactor(GROUP, GROUP);
  onStop('transações', () => transactor.close());
  const classifier = { rulebooks, portfolio: follower.portfolio, ...codecs };
  const consumer = await kafka.consume({
    groupId: GROUP,
    topics: ['interacoes', 'presencas'],
    positionOf: (tp) => transactor.acquire(tp),
    commit: 'never',
    concurrency: 4,
    onBatch: batchHandler({ classifier, follower, transactor, partitions, metrics }),
    onRevoked: async (revoked) => {
      await Promise.all(revoked.map((tp) => transactor.release(tp)));
    },
    onFatal: fatal,
    onWaiting: (cause) => readiness.set('kafka', cause),
  });
  onStop('consumo', () => consumer.stop());
  readiness.set('partida', null);
}

await runService('classifier', start);
