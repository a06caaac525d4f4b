import { register } from 'prom-client';
import { codecFor } from '#platform/codec.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { followCredenciais } from '#platform/credenciais/tabela.ts';
import { leTls } from '#platform/http/tls.ts';
import { vigia } from '#platform/http/vigia.ts';
import { createKafka } from '#platform/kafka/index.ts';
import { runService, type ServiceContext } from '#platform/lifecycle.ts';
import { followNomes } from '#platform/nomes.ts';
import { Readiness } from '#platform/readiness.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { CREDENTIALS_TOPIC } from '#platform/topics.ts';
import { criaIngest, type Dependencias } from './app.ts';
import { comPrazo, PRAZO_MS } from './prazo.ts';

async function codecsOf(registry: Registry): Promise<Dependencias['codecs']> {
  const [interacoes, solucoes, disponibilizacoes] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, 'solucoes'),
    codecFor(registry, 'disponibilizacoes'),
  ]);
  return { interacoes, solucoes, disponibilizacoes };
}

/** HTTP → check at the door → interacoes, presencas, solucoes, disponibilizacoes, credenciais. */
async function start({ config, log, onStop }: ServiceContext): Promise<void> {
  const chaveOperacao = resolveChaveOperacao();
  const readiness = new Readiness();
  readiness.set('partida', 'iniciando');
  let dependencias: Dependencias | null = null;
  const tls = leTls(config.tls);
  const app = criaIngest({ log, readiness, metricas: register, tls, dependencias: () => dependencias });
  const kafka = createKafka({ ...config.kafka, clientId: 'atendido-ingest', log });
  await app.listen({ host: config.host, port: config.port });
  const codecs = await readiness.until('registro', () => codecsOf(connectRegistry(config.registryUrl)));
  const producer = await readiness.until('kafka', () => kafka.producer());
  onStop('envio', () => producer.close());
  const credenciais = await readiness.until('credenciais', () => followCredenciais(kafka, chaveOperacao, log));
  onStop('credenciais', () => credenciais.stop());
  const seguidos = await readiness.until('chave', () => followNomes(kafka, config));
  onStop('chave', () => seguidos.stop());
  const admin = await readiness.until('kafka', () => kafka.admin());
  onStop('admin', () => admin.close());
  const perguntas = { credenciais: () => credenciais.caughtUp(), chave: () => seguidos.caughtUp() };
  const sinais = { kafka: () => admin.ends(CREDENTIALS_TOPIC) };
  onStop('vigia', vigia(readiness, { perguntas, sinais }));
  // Stopped first: what is under way still needs the rest.
  onStop('http', () => app.close());
  const { nomes } = seguidos;
  const emTempo = comPrazo(producer, PRAZO_MS, (causa) => readiness.set('envio', causa));
  const nomeado: typeof emTempo = { send: (records) => nomes.enviando(() => emTempo.send(records)) };
  const envios = { producer: nomeado, producerDoPortfolio: emTempo };
  dependencias = { credenciais, ...envios, kafka, codecs, pseudonimo: nomes.registra };
  readiness.set('partida', null);
}

await runService('ingest', start, ['REDIS_URL']);
