import { Counter } from 'prom-client';
import { codecFor, PoisonError } from '#platform/codec.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { Postas } from '#platform/quarentena/postas.ts';
import { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { runWorker, type Worker, type WorkerInput } from '#platform/worker.ts';
import { consolidatorStep } from './round.ts';
import { PresenceStore } from './store.ts';

const emitted = new Counter({
  name: 'atendido_participacoes_consolidadas_total',
  help: 'Registros derivados das presenças, por interação',
  labelNames: ['interacao'],
});

const late = new Counter({
  name: 'atendido_checkins_tardios_total',
  help: 'Check-ins depois da janela tardia do encerramento, que não mudam nada',
});

/** presencas → the presences of each offer → consolidated participations, back to interacoes. */
async function prepare(worker: Worker): Promise<WorkerInput> {
  const { kafka, registry, seguidas, readiness, log, onStop } = worker;
  const redis = worker.connectRedis();
  const stores = new Map<number, PresenceStore>();
  const storeOf = (apuracao: number): PresenceStore => {
    const store = stores.get(apuracao) ?? new PresenceStore(redis, apuracao);
    stores.set(apuracao, store);
    return store;
  };
  const [codec, quarentenas, resolucoes] = await readiness.until('registro', () =>
    Promise.all([
      codecFor(registry, 'interacoes'),
      codecFor(registry, 'interacoes-em-quarentena'),
      codecFor(registry, 'resolucoes-de-quarentena'),
    ]),
  );
  /** A record of ours that cannot be read is told at every look; consolidating goes on. */
  const ilegivel = (err: unknown): void => {
    if (!(err instanceof PoisonError)) throw err;
    log.error({ err }, 'quarentena ilegível');
  };
  const follower = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => follower.stop());
  const producer = await readiness.until('kafka', () => kafka.producer());
  onStop('produtor', () => producer.close());
  const lidas = new Postas(kafka, quarentenas, new Resolucoes(kafka, resolucoes), 'presencas');
  const postas = { atualiza: () => lidas.atualiza().catch(ilegivel), voltou: (onde: string) => lidas.voltou(onde) };
  await readiness.until('quarentena', () => postas.atualiza());
  const step = consolidatorStep({ storeOf, follower, seguidas, codec, producer, postas, emitted, late });
  return { topics: ['presencas'], concurrency: 2, ...step };
}

await runWorker('consolidator', prepare, ['CLIENT_ID_KEY']);
