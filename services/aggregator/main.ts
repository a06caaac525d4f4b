import { register } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { runWorker, type Worker, type WorkerInput } from '#platform/worker.ts';
import { Aggregator } from './aggregator.ts';
import { criaMedidas } from './medidas.ts';

/** lancamentos → what each client and indicator comes to, in Redis; who became atendido → clientes-atendidos. */
async function prepare(worker: Worker): Promise<WorkerInput> {
  const { group, kafka, registry, rulebooks, readiness, onStop } = worker;
  const escritor = new EscritorDeEstado(worker.connectRedis());
  const lotes = await readiness.until('registro', () => codecFor(registry, 'lancamentos'));
  const clientesAtendidos = await readiness.until('registro', () => codecFor(registry, 'clientes-atendidos'));
  const transactor = await kafka.transactor(group, group);
  onStop('transações', () => transactor.close());
  const medidas = criaMedidas(register);
  const aggregator = new Aggregator({ escritor, lotes, clientesAtendidos, transactor, rulebooks, medidas });
  return {
    topics: ['lancamentos'],
    positionOf: (tp) => aggregator.assume(tp),
    hasMoved: (tp) => aggregator.deslocou(tp),
    // For whoever watches the lag; the position that counts is in Redis.
    commit: 'after-batch',
    concurrency: 3,
    onBatch: (batch) => aggregator.aplica(batch),
    onRevoked: (revogadas) => aggregator.larga(revogadas),
  };
}

await runWorker('aggregator', prepare);
