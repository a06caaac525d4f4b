import { Writable } from 'node:stream';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { inject } from 'vitest';
import { pseudonimizador } from '../../domain/documento.ts';
import { codecFor } from '../../platform/codec.ts';
import { followCredenciais } from '../../platform/credenciais/tabela.ts';
import type { Servidor } from '../../platform/http/servidor.ts';
import { createKafka } from '../../platform/kafka/index.ts';
import { prepare } from '../../platform/prepare.ts';
import { Readiness } from '../../platform/readiness.ts';
import { connectRegistry } from '../../platform/registry.ts';
import { criaIngest } from '../../services/ingest/app.ts';
import { comPrazo } from '../../services/ingest/prazo.ts';

export const CHAVE_OPERACAO = 'chave-de-operacao-dos-testes-com-mais-de-32';
export const CPF = '52998224725';
export const CHAVE_DO_CPF = 'chave-dos-testes';

/** Everything logged, as text, so that a test can look for what must not be there. */
export function registroEmMemoria() {
  const linhas: string[] = [];
  const destino = new Writable({
    write(parte, _codificacao, pronto) {
      linhas.push(String(parte));
      pronto();
    },
  });
  return { log: pino({ level: 'trace' }, destino), texto: () => linhas.join('') };
}

/** ingest on real servers, in this process, on a free port. */
export async function ingestNoAr(brokers = inject('kafkaBrokers'), registryUrl = inject('registryUrl')) {
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'teste-ingest' });
  const registry = connectRegistry(registryUrl);
  await prepare({ kafka, registry, partitions: 6, replicationFactor: 1 });
  const producer = await kafka.producer();
  const { log, texto } = registroEmMemoria();
  const credenciais = await followCredenciais(kafka, CHAVE_OPERACAO, log);
  const [interacoes, solucoes, disponibilizacoes] = await Promise.all([
    codecFor(registry, 'interacoes'),
    codecFor(registry, 'solucoes'),
    codecFor(registry, 'disponibilizacoes'),
  ]);
  const codecs = { interacoes, solucoes, disponibilizacoes };
  const pseudonimo = pseudonimizador(CHAVE_DO_CPF);
  const envio = comPrazo(producer, 5_000);
  const dependencias = { credenciais, producer: envio, producerDoPortfolio: envio, kafka, codecs, pseudonimo };
  const opcoes = { log, readiness: new Readiness(), metricas: new Registry(), dependencias: () => dependencias };
  const app: Servidor = criaIngest(opcoes);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const fecha = async () => {
    await app.close();
    await credenciais.stop();
    await producer.close();
  };
  return { url, app, kafka, registry, codecs, credenciais, logado: texto, fecha };
}

export type IngestNoAr = Awaited<ReturnType<typeof ingestNoAr>>;

export interface Resposta {
  status: number;
  corpo: unknown;
  tipo: string;
  headers: Headers;
}

/** One call; the answer's body parsed where it is JSON. */
export async function chama(
  url: string,
  metodo: string,
  chave: string | null,
  corpo?: string | object | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Resposta> {
  const texto = typeof corpo === 'string' || corpo instanceof Uint8Array ? corpo : JSON.stringify(corpo);
  const resposta = await fetch(url, {
    method: metodo,
    headers: {
      ...(chave === null ? {} : { authorization: `Bearer ${chave}` }),
      ...(corpo === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(corpo === undefined ? {} : { body: texto }),
  });
  const lido = await resposta.text();
  const tipo = resposta.headers.get('content-type') ?? '';
  return {
    status: resposta.status,
    corpo: tipo.includes('json') ? JSON.parse(lido) : lido,
    tipo,
    headers: resposta.headers,
  };
}

/** Registers a source and makes a key for it. */
export async function chaveDe(url: string, source: string, interacoes?: string[]): Promise<string> {
  const fonte = { nome: source, ...(interacoes && { interacoes }) };
  await chama(`${url}/v1/fontes/${source}`, 'PUT', CHAVE_OPERACAO, fonte);
  const pedido = { source, papeis: ['produtor'] };
  const { corpo } = await chama(`${url}/v1/credenciais/${source}`, 'PUT', CHAVE_OPERACAO, pedido);
  return (corpo as { chave: string }).chave;
}

let contador = 0;
export function evento(source: string, mais: object = {}, dados: object = {}) {
  contador += 1;
  return {
    specversion: '1.0',
    id: `e${contador}`,
    source,
    type: 'br.com.sebrae.interacao.momento-digital',
    time: '2026-03-02T10:15:00-03:00',
    data: {
      tipoSolucao: 'curso-autoinstrucional',
      solucaoId: 'CA-100',
      disponibilizacaoId: 'CA-100-2026',
      unidade: 'SP',
      canal: 'ead',
      cliente: { pf: { cpf: CPF } },
      momento: 'inicio',
      ...dados,
    },
    ...mais,
  };
}
