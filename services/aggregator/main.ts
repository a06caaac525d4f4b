import { register } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { EscritorDeEstado } from '#platform/estado/escritor.ts';
import { estadoDeVersaoAnterior } from '#platform/estado/forma.ts';
import { runWorker, type Worker, type WorkerInput } from '#platform/worker.ts';
import { Aggregator } from './aggregator.ts';
import { mantemEmDia } from './em-dia.ts';
import { criaMedidas } from './medidas.ts';

/** lancamentos → what each client and indicator comes to, in Redis; who became atendido → clientes-atendidos. */
async function prepare(worker: Worker): Promise<WorkerInput> {
  const { registry, seguidas, readiness, log } = worker;
  const redis = worker.connectRedis();
  const escritor = new EscritorDeEstado(redis, undefined, () => seguidas.apuracoes.emVigor);
  const lotes = await readiness.until('registro', () => codecFor(registry, 'lancamentos'));
  const clientesAtendidos = await readiness.until('registro', () => codecFor(registry, 'clientes-atendidos'));
  const interacoes = await readiness.until('registro', () => codecFor(registry, 'interacoes'));
  const resolucoes = await readiness.until('registro', () => codecFor(registry, 'resolucoes-de-quarentena'));
  const medidas = criaMedidas(register);
  mantemEmDia(worker, { redis, lotes, clientesAtendidos, interacoes, resolucoes }, medidas.superada);
  const aggregator = new Aggregator({ escritor, lotes, clientesAtendidos, seguidas, medidas });
  return {
    topics: ['lancamentos'],
    positionOf: async (tp) => {
      const posicao = await aggregator.assume(tp);
      const { code, message } = estadoDeVersaoAnterior();
      if (!(await escritor.comDias(tp.partition))) log.warn({ codigo: code, particao: tp.partition }, message);
      return posicao;
    },
    hasMoved: (tp) => aggregator.deslocou(tp),
    concurrency: 2,
    onRound: (round) => aggregator.aplica(round),
    onRevoked: async (revogadas) => aggregator.larga(revogadas),
  };
}

await runWorker('aggregator', prepare, ['CLIENT_ID_KEY']);
