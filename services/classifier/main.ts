import { randomUUID } from 'node:crypto';
import { Counter, Histogram } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { ClassificadaEncoder } from '#platform/codec-classificada.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { VALIDADE_DAS_RESOLUCOES_MS } from '#platform/quarentena/automatico.ts';
import { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import type { Registry } from '#platform/registry.ts';
import { runWorker, type Worker, type WorkerInput } from '#platform/worker.ts';
import { comPrazo } from './anuncio.ts';
import { type PartesDaEspera, SalaDeEspera, vigiaAEspera } from './espera.ts';
import { roundHandler } from './round.ts';

const OLHADA_MS = 3_000;

const metrics = {
  records: new Counter({
    name: 'atendido_interacoes_classificadas_total',
    help: 'Registros classificados, por resultado e motivo',
    labelNames: ['resultado', 'motivo'],
  }),
  replayed: new Counter({
    name: 'atendido_reenvios_automaticos_total',
    help: 'Registros que voltaram da quarentena porque o portfólio passou a ter o que nomeiam',
  }),
  seconds: new Histogram({
    name: 'atendido_classifier_round_duration_seconds',
    help: 'Tempo de uma rodada, da leitura à transação',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  }),
};

async function codecsOf(registry: Registry) {
  const [interacoes, contabilizadas, lotes, quarentenas, resolucoes] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, 'interacoes-contabilizadas'),
    codecFor(registry, 'lancamentos'),
    codecFor(registry, 'interacoes-em-quarentena'),
    codecFor(registry, 'resolucoes-de-quarentena'),
  ]);
  const classificadas = new ClassificadaEncoder(interacoes, contabilizadas);
  return { interacoes, classificadas, lotes, quarentenas, resolucoes };
}

/** Beside the consumer: what waits in quarantine for the portfolio comes back once it has what it names. */
function comecaEspera(partes: PartesDaEspera, { log, onStop }: Pick<Worker, 'log' | 'onStop'>): void {
  const fim = new AbortController();
  const laco = vigiaAEspera({
    sala: new SalaDeEspera({ ...partes, sinal: fim.signal }, randomUUID()),
    aoReenviar: (reenviados) => {
      metrics.replayed.inc(reenviados);
      log.info({ reenviados }, 'o portfólio mudou: registros voltam da quarentena');
    },
    aoEsperar: (err) => log.warn({ err }, 'a quarentena espera'),
    sinal: fim.signal,
  });
  onStop('espera', () => {
    fim.abort();
    return laco;
  });
}

/** While a change of key is announced doors let nobody in: whom nothing comes to, nothing would have look at its deadline. */
function olhaSempre(paraDecidir: () => Promise<void>): () => void {
  // What fails is told by the rounds, that ask the same.
  const olhada = setInterval(() => paraDecidir().catch(() => undefined), OLHADA_MS);
  return () => clearInterval(olhada);
}

/** interacoes, presencas → decide → contabilizadas | nao-contabilizadas | quarentena, and the ledger. */
async function prepare({ kafka, admin, registry, seguidas, readiness, log, onStop }: Worker): Promise<WorkerInput> {
  const { resolucoes, ...codecs } = await readiness.until('registro', () => codecsOf(registry));
  const follower = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => follower.stop());
  const partitions = await readiness.until('kafka', () => admin.partitionCount('lancamentos'));
  const classifier = {
    apuracoes: seguidas.apuracoes,
    esquecimentos: seguidas.esquecimentos,
    portfolio: follower.portfolio,
    ...codecs,
  };
  const feitas = new Resolucoes(kafka, resolucoes, VALIDADE_DAS_RESOLUCOES_MS);
  const partes = { kafka, admin, follower, seguidas, resolucoes: feitas, ...classifier };
  comecaEspera(partes, { log, onStop });
  const aoDesistir = (que: string) => log.warn({ que }, 'anúncio que ninguém concluiu: retirado');
  const paraDecidir = comPrazo(seguidas, { kafka, seguidas, resolucoes: null }, { aoDesistir });
  onStop('anúncios', olhaSempre(paraDecidir));
  return {
    topics: ['interacoes', 'presencas'],
    concurrency: 2,
    onRound: roundHandler({ classifier, follower, paraDecidir, partitions, metrics }),
  };
}

await runWorker('classifier', prepare, ['REDIS_URL', 'CLIENT_ID_KEY']);
