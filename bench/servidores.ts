import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as espera } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { codecFor, header } from '#platform/codec.ts';
import { homeOf, PROJECT_ROOT } from '#platform/config.ts';
import type { StackState } from '#platform/config-stack.ts';
import { prepare } from '#platform/prepare.ts';
import { connectRegistry } from '#platform/registry.ts';
import { TOPIC_NAMES } from '#platform/topics.ts';
import { ensureServers } from '../infra/local/download.ts';
import { pathsOf } from '../infra/local/paths.ts';
import { startStack, stopStack } from '../infra/local/stack.ts';
import { type Conexoes, conectado } from '../services/cli/conexoes.ts';
import { portfolioDaDemo } from '../services/cli/demo/catalogo.ts';
import { descarta, leCarga } from './carga.ts';
import { comRedis } from './linhas/redis.ts';

/** Where the bench keeps everything: loads, prepared data, results. Not touched by `atendido up`. */
export interface Pastas {
  base: string;
  pilha: string;
}

/** @param home the data folder of the project, whose downloaded servers are used */
export async function preparaPastas(home: string = homeOf()): Promise<Pastas> {
  const servidores = pathsOf(home).servers;
  await ensureServers(servidores, () => process.stderr.write('Baixando os servidores (só na primeira vez)…\n'));
  const base = join(home, 'bench');
  const pilha = join(base, 'pilha');
  mkdirSync(pilha, { recursive: true });
  if (!existsSync(pathsOf(pilha).servers)) symlinkSync(servidores, pathsOf(pilha).servers);
  // Every connection of this process is to this stack from now on.
  process.env.ATENDIDO_HOME = pilha;
  return { base, pilha };
}

export async function sobeServidores({ pilha }: Pastas): Promise<StackState> {
  return startStack({ home: pilha, onlyServers: true });
}

/** Stops the servers and forgets what they kept. */
export async function limpa({ pilha }: Pastas): Promise<void> {
  await stopStack(pilha);
  rmSync(pathsOf(pilha).data, { recursive: true, force: true });
}

const REGISTROS_POR_ENVIO = 50_000;

/** Whose portfolio: the load's. */
export interface Trafego {
  semente: number;
  eventos: number;
}

/** Writes the portfolio that the loads refer to. */
async function mandaPortfolio({ kafka, config }: Conexoes, quem: Trafego): Promise<void> {
  const registry = connectRegistry(config.registryUrl);
  const [solucoes, ofertas] = [await codecFor(registry, 'solucoes'), await codecFor(registry, 'disponibilizacoes')];
  const lido = lePortfolio(portfolioDaDemo(quem));
  if (!lido.ok) throw new Error('o portfólio da carga não é válido');
  const portfolio = lido.valor;
  const producer = await kafka.producer();
  await producer.send([
    ...[...portfolio.solucoes.values()].map((s) => ({ topic: 'solucoes', key: s.id, value: solucoes.encode(s) })),
    ...[...portfolio.disponibilizacoes.values()].map((d) => {
      return { topic: 'disponibilizacoes', key: d.id, value: ofertas.encode(d) };
    }),
  ]);
  await producer.close();
}

/** Writes a load file to the raw topics. */
export async function mandaCarga({ kafka, interacoes }: Conexoes, arquivo: string): Promise<void> {
  const producer = await kafka.producer();
  const cabecalho = header(interacoes.schemaId);
  for await (const registros of leCarga(arquivo)) {
    const saida = registros.map(({ topico, chave, corpo }) => {
      return { topic: topico, key: chave, value: Buffer.concat([cabecalho, corpo]) };
    });
    for (let i = 0; i < saida.length; i += REGISTROS_POR_ENVIO) {
      await producer.send(saida.slice(i, i + REGISTROS_POR_ENVIO));
    }
  }
  await producer.close();
}

const SOME_EM_MS = 30_000;
const OLHA_MS = 100;

/**
 * Servers that have run hold nothing any more: topics made anew, groups forgotten, Redis empty. No service is up.
 * @param particoes of the topics; default: as configured
 */
export async function esvazia({ kafka, config }: Conexoes, particoes = config.partitions): Promise<void> {
  const cliente = new Admin({ clientId: 'bench', bootstrapBrokers: config.kafka.brokers });
  try {
    const topicos = (await cliente.listTopics()).filter((topico) => !topico.startsWith('__'));
    await cliente.deleteTopics({ topics: topicos });
    const grupos = [...(await cliente.listGroups({})).keys()];
    if (grupos.length > 0) await cliente.deleteGroups({ groups: grupos });
    for (const fim = Date.now() + SOME_EM_MS; ; await espera(OLHA_MS)) {
      const ficaram = (await cliente.listTopics()).filter((topico) => topicos.includes(topico));
      if (ficaram.length === 0) break;
      if (Date.now() > fim) throw new Error(`tópicos que não somem: ${ficaram.join(', ')}`);
    }
  } finally {
    await cliente.close();
  }
  await comRedis(config.redis.url, (redis) => redis.flushall());
  const registry = connectRegistry(config.registryUrl);
  await prepare({ kafka, registry, partitions: particoes, replicationFactor: config.replicationFactor });
  // A partition just made takes some time to have a leader. Asked anew: connections from before know the old topics.
  const admin = await kafka.admin();
  try {
    for (const topico of TOPIC_NAMES) await admin.offsets(topico);
  } finally {
    await admin.close();
  }
}

/** What prepared data depends on beside the load: topics and servers as they are configured. */
function carimbo(): string {
  const arquivos = ['platform/topics.ts', 'platform/prepare.ts', 'infra/local/kafka-server.ts', 'infra/local/pom.xml'];
  const hash = createHash('sha256').update(process.env.ATENDIDO_PARTICOES ?? '');
  for (const arquivo of arquivos) hash.update(readFileSync(join(PROJECT_ROOT, arquivo)));
  return hash.digest('hex').slice(0, 8);
}

/**
 * Servers up, holding what `prepara` wrote and nothing else. It is made once under `nome` and copied for every run, so
 * that each begins from the same bytes.
 */
export async function doZero(
  pastas: Pastas,
  nome: string,
  prepara: (pilha: StackState) => Promise<void>,
): Promise<StackState> {
  // The load's name ends in what it was made from: of one load, the latest is kept.
  const prefixo = `preparada-${nome.replace(/[0-9a-f]{12}$/, '')}`;
  const pronta = join(pastas.base, `preparada-${nome}-${carimbo()}`);
  const dados = pathsOf(pastas.pilha).data;
  await limpa(pastas);
  if (!existsSync(pronta)) {
    descarta(pastas.base, prefixo);
    await prepara(await sobeServidores(pastas));
    await stopStack(pastas.pilha);
    renameSync(dados, pronta);
  }
  await cp(pronta, dados, { recursive: true });
  return sobeServidores(pastas);
}

/** Writes the portfolio, and the load in the raw topics if one is given. */
export async function escreve(trafego: Trafego, carga: string | null): Promise<void> {
  await conectado(async (conexoes) => {
    await mandaPortfolio(conexoes, trafego);
    if (carga !== null) await mandaCarga(conexoes, carga);
  });
}
