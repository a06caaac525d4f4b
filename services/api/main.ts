import { register } from 'prom-client';
import { pseudonimizador } from '#domain/documento.ts';
import { followApuracoes } from '#platform/apuracoes.ts';
import { codecFor } from '#platform/codec.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { followCredenciais } from '#platform/credenciais/tabela.ts';
import { pedeEsquecimento } from '#platform/esquecimento/pedido.ts';
import { leitorDeEstado } from '#platform/estado/leitor-redis.ts';
import { leTls } from '#platform/http/tls.ts';
import { vigia } from '#platform/http/vigia.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { followPortfolio } from '#platform/portfolio.ts';
import { Resolucoes } from '#platform/quarentena/resolucoes.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRedis, toRetryable } from '#platform/redis.ts';
import { connectRegistry } from '#platform/registry.ts';
import { criaApi, type Dependencias } from './app.ts';

const PORTA_PADRAO = 18_090;
const INGEST_PADRAO = 'http://127.0.0.1:18080';

async function shardsOf(kafka: Kafka): Promise<number> {
  const admin = await kafka.admin();
  try {
    return await admin.partitionCount('lancamentos');
  } finally {
    await admin.close();
  }
}

/** Redis, the portfolio and the rulebooks → HTTP; what writes goes on to ingest. */
async function start({ config, log, onStop }: ServiceContext): Promise<void> {
  const chaveOperacao = resolveChaveOperacao();
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  let dependencias: Dependencias | null = null;
  const ingestUrl = process.env.INGEST_URL || INGEST_PADRAO;
  const tls = leTls(config.tls);
  const app = await criaApi({ log, readiness, metricas: register, tls, dependencias: () => dependencias, ingestUrl });
  // The configuration's own default is ingest's port.
  await app.listen({ host: config.host, port: process.env.PORT ? config.port : PORTA_PADRAO });
  const redis = connectRedis(config.redisUrl, 'api');
  redis.on('error', (err: Error) => log.debug({ err }, 'Redis'));
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-api', log });
  const registry = connectRegistry(config.registryUrl);
  const particoes = await readiness.until('kafka', () => shardsOf(kafka));
  const seguidas = await readiness.until('apurações', () => followApuracoes(kafka, registry));
  onStop('apurações', () => seguidas.stop());
  const { apuracoes, esquecimentos } = seguidas;
  const leitor = leitorDeEstado(redis, { particoes, emVigor: () => apuracoes.emVigor });
  onStop('redis', () => leitor.close());
  const credenciais = await readiness.until('credenciais', () => followCredenciais(kafka, chaveOperacao, log));
  onStop('credenciais', () => credenciais.stop());
  const portfolio = await readiness.until('portfólio', () => followPortfolio(kafka, registry, log));
  onStop('portfólio', () => portfolio.stop());
  const perguntas = {
    kafka: () => credenciais.caughtUp(),
    apurações: () => seguidas.caughtUp(),
    redis: () => toRetryable(redis.ping()),
  };
  onStop('vigia', vigia(readiness, perguntas));
  // Stopped first: what is under way still needs the rest.
  onStop('http', () => app.close());
  const codec = await readiness.until('registro', () => codecFor(registry, 'resolucoes-de-quarentena'));
  const resolucoes = new Resolucoes(kafka, codec);
  const esquece: Dependencias['esquece'] = async (titular, quem) => {
    const admin = await kafka.admin();
    try {
      const haAlgoDe = async (id: string) => (await leitor.cliente(id)) !== null;
      return await pedeEsquecimento({ kafka, admin, seguidas, resolucoes, redis }, { titular, quem, haAlgoDe });
    } finally {
      await admin.close();
    }
  };
  dependencias = {
    credenciais,
    leitor,
    portfolio,
    apuracoes,
    esquecimentos,
    esquece,
    pseudonimo: pseudonimizador(config.clientIdKey),
  };
  readiness.set('partida', null);
}

await runService('api', start);
