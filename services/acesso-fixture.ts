import diagnostics from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Apuracoes } from '#domain/apuracao.ts';
import { estadoVazio } from '#domain/cliente.ts';
import { pseudonimizador } from '#domain/documento.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { type Credencial, hashDoSegredo } from '#platform/credenciais/credencial.ts';
import type { Papel, Permitida } from '#platform/credenciais/permissoes.ts';
import { chaveDoRegistro, TabelaDeCredenciais } from '#platform/credenciais/tabela.ts';
import { codificaEstado } from '#platform/estado/codificacao.ts';
import type { LeituraDeEstado } from '#platform/estado/leitor.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { Readiness } from '#platform/readiness.ts';
import { loadRulebooks } from '#platform/rulebooks.ts';
import { CREDENTIALS_TOPIC } from '#platform/topics.ts';
import { criaApi } from './api/app.ts';
import { criaIngest } from './ingest/app.ts';

const CHAVE_OPERACAO = 'a chave de operação dos testes de acesso';
const json = (v: object) => Buffer.from(JSON.stringify(v));

/** Every route registered on what `cria` makes, as `METHOD address`. */
async function comRotas(cria: () => Promise<Servidor>): Promise<{ app: Servidor; rotas: string[] }> {
  const rotas: string[] = [];
  const anota = (mensagem: unknown): void => {
    const { fastify } = mensagem as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const um of [method].flat()) rotas.push(`${um} ${url}`);
    });
  };
  diagnostics.subscribe('fastify.initialization', anota);
  try {
    const app = await cria();
    await app.ready();
    return { app, rotas };
  } finally {
    diagnostics.unsubscribe('fastify.initialization', anota);
  }
}

interface Chave {
  papeis: Papel[];
  source?: string;
  interacoes?: Permitida[];
  limite?: number;
}

/**
 * Both servers that ask for keys, one in front of the other, on a Kafka and a Redis that only count.
 * @param proxies whose word the api takes for who calls
 */
export async function portas({ proxies = [] }: { proxies?: readonly string[] } = {}) {
  const tabela = new TabelaDeCredenciais(CHAVE_OPERACAO);
  const aplica = (tipo: 'credencial' | 'fonte', id: string, valor: object) =>
    tabela.aplica(chaveDoRegistro(tipo, id), json(valor));
  /** Makes a key whose secret is its id. */
  const chave = (id: string, { papeis, source, interacoes, limite }: Chave) => {
    const feita: Credencial = {
      ...{ id, hash: hashDoSegredo(id), papeis, source: source ?? null, interacoes: interacoes ?? null },
      ...{ criada: '2026-01-01T00:00:00.000Z', mudada: null, anterior: null, limite: limite ?? null },
    };
    aplica('credencial', id, feita);
    return id;
  };
  const enviados: OutputRecord[] = [];
  let lidas = 0;
  const producer = {
    send: async (records: readonly OutputRecord[]) => {
      enviados.push(...records);
      for (const { topic, key, value } of records) if (topic === CREDENTIALS_TOPIC) tabela.aplica(String(key), value);
    },
    close: async () => {},
  };
  const le = <T>(valor: T) => {
    return async () => {
      lidas += 1;
      return valor;
    };
  };
  const codec = { encode: json };
  const pseudonimo = pseudonimizador('uma chave qualquer');
  const credenciais = { tabela, caughtUp: async () => {} };
  const comum = () => ({ log: pino({ level: 'silent' }), readiness: new Readiness(), metricas: new Registry() });
  const doIngest = {
    ...{ credenciais, producer, producerDoPortfolio: producer, pseudonimo, kafka: { exclusive: async () => producer } },
    codecs: { interacoes: codec, solucoes: codec, disponibilizacoes: codec },
  };
  const ingest = await comRotas(async () => criaIngest({ ...comum(), dependencias: () => doIngest }));
  const ingestUrl = await ingest.app.listen({ host: '127.0.0.1', port: 0 });
  const nada = { versao: '', le: le({ versao: '', valor: [] }) };
  const leitura = { geracao: 'at', apuracao: 0, gravado: le(codificaEstado(estadoVazio())) };
  const leitor = {
    deUmaGeracao: <T>(deUma: (l: LeituraDeEstado) => Promise<T>) =>
      deUma({ ...leitura, indicador: le(nada), metricas: le(nada) }),
  };
  const portfolio = { portfolio: new PortfolioEmMemoria(), caughtUp: async () => {} };
  const esquecimentos = new Esquecimentos();
  const limites = { interacoes: [], presencas: [] };
  const ordem = { titular: 'pf:x', nome: 'pf:y', por: 'ana', em: 0, anunciado: false, desde: 0, limites };
  esquecimentos.registra({ numero: 1, ...ordem, fechamentos: [] });
  const esquece = le(1);
  const daApi = {
    ...{ credenciais, leitor, portfolio, pseudonimo, esquecimentos, esquece },
    apuracoes: new Apuracoes(await loadRulebooks()),
  };
  const api = await comRotas(() => criaApi({ ...comum(), proxies, dependencias: () => daApi, ingestUrl }));
  const apiUrl = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const fecha = async () => {
    await api.app.close();
    await ingest.app.close();
  };
  return { ingest, api, apiUrl, ingestUrl, chave, aplica, tabela, enviados, lidas: () => lidas, fecha };
}

export type Portas = Awaited<ReturnType<typeof portas>>;
