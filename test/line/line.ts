import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { chaveDeParticao, topicoDe } from '#domain/interacao.ts';
import { lePortfolio, type PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { codecFor } from '#platform/codec.ts';
import { type Config, homeOf } from '#platform/config.ts';
import { connectLocal } from '#platform/config-stack.ts';
import { createKafka } from '#platform/kafka/index.ts';
import type { Kafka, OutputRecord, Producer } from '#platform/kafka/port.ts';
import { createLogger } from '#platform/logging.ts';
import { connectRegistry, type Registry } from '#platform/registry.ts';
import { startStack } from '../../infra/local/stack.ts';
import { portfolioDaDemo } from '../../services/cli/demo/catalogo.ts';
import { dispose, temporaryHome } from '../integration/stack.ts';

/** The whole line, servers and services, in a data folder of its own. */
export interface Line {
  home: string;
  config: Config;
  kafka: Kafka;
  registry: Registry;
  producer: Producer;
  stop(): Promise<void>;
}

/**
 * Brings the line up as `atendido up` does. The commands of services/cli see it too, by the environment.
 * @param env what its processes are told besides
 */
export async function startLine(env: Readonly<Record<string, string>> = {}): Promise<Line> {
  const home = await temporaryHome();
  const before = homeOf();
  process.env.ATENDIDO_HOME = home;
  try {
    await startStack({ home, onlyServers: false, env });
    const config = connectLocal();
    const kafka = createKafka({ ...config.kafka, clientId: 'test', log: createLogger('test', 'silent') });
    const producer = await kafka.producer();
    const stop = async (): Promise<void> => {
      await producer.close();
      process.env.ATENDIDO_HOME = before;
      await dispose(home);
    };
    return { home, config, kafka, registry: connectRegistry(config.registryUrl), producer, stop };
  } catch (error) {
    await dispose(home);
    throw error;
  }
}

export async function sendPortfolio(
  { producer, registry }: Pick<Line, 'producer' | 'registry'>,
  portfolio: PortfolioEmMemoria,
): Promise<void> {
  const solucoes = await codecFor(registry, 'solucoes');
  const ofertas = await codecFor(registry, 'disponibilizacoes');
  await producer.send([
    ...[...portfolio.solucoes.values()].map((s) => ({ topic: 'solucoes', key: s.id, value: solucoes.encode(s) })),
    ...[...portfolio.disponibilizacoes.values()].map((d) => ({
      topic: 'disponibilizacoes',
      key: d.id,
      value: ofertas.encode(d),
    })),
  ]);
}

/** What a producer puts in Kafka for these CloudEvents; those the door refuses are left out. */
export async function recordsOf(
  { registry, config }: Pick<Line, 'registry' | 'config'>,
  events: Iterable<unknown>,
): Promise<OutputRecord[]> {
  const codec = await codecFor(registry, 'interacoes');
  const pseudonimo = pseudonimizador(config.clientIdKey);
  const records: OutputRecord[] = [];
  for (const event of events) {
    const lido = leEvento(event, pseudonimo);
    if (!lido.ok || lido.documentoInvalido !== null) continue;
    const { interacao } = lido;
    records.push({ topic: topicoDe(interacao), key: chaveDeParticao(interacao), value: codec.encode(interacao) });
  }
  return records;
}

/** The whole line, with the portfolio that the demo's traffic of this seed is about. */
export async function startDemoLine(trafego: { semente: number; eventos: number }): Promise<Line> {
  const line = await startLine();
  const lido = lePortfolio(portfolioDaDemo(trafego));
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  await sendPortfolio(line, lido.valor);
  return line;
}
